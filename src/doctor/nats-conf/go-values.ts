import type { ConfEntry, ConfValue } from './document.ts';

const TYPES: Readonly<Record<ConfValue['kind'], string>> = {
  string: 'string',
  integer: 'int64',
  float: 'float64',
  boolean: 'bool',
  datetime: 'time.Time',
  list: '[]interface {}',
  map: 'map[string]interface {}',
};

/** The type of a value as nats-server's messages name it. */
export const goType = ({ kind }: ConfValue): string => TYPES[kind];

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escaped(character: string): string {
  const point = character.codePointAt(0)!;
  const digits = point.toString(16);
  const named = NAMED_ESCAPES[character];
  if (named !== undefined) return named;
  if (point < 0x80) return `\\x${digits.padStart(2, '0')}`;
  return point > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
}

/** A text as Go's `%q` (`strconv.Quote`) writes it: only letters, marks, numbers, signs and the plain space as they are. */
export const goQuoted = (text: string): string =>
  `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped)}"`;

/** What remains of a map: of a key that is there twice the last counts. */
export function effectiveEntries(entries: readonly ConfEntry[]): ConfEntry[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}

/** Whole numbers as Go's `strconv.Atoi` reads them, null for anything else. */
export function goInteger(text: string): bigint | null {
  if (!/^[+-]?[0-9]+$/.test(text)) return null;
  const number = BigInt(text.replace(/^\+/, ''));
  return number >= -(2n ** 63n) && number < 2n ** 63n ? number : null;
}
