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

/** A text as Go's `%q` writes it: quotes and invisible characters escaped. */
export const goQuoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

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
