import type { Place } from '../finding.ts';
import type { ConfEntry, ConfSpan, ConfValue } from './document.ts';

/** Something read from a nats.conf, with where it stands. */
export interface Placed<T> {
  value: T;
  /** Of the value, or of the reference when it came from a variable. */
  span: ConfSpan;
  /** Exactly as it stands in the file. */
  raw: string;
  /** The name that it was given under, as written: `max_file`. */
  key: string;
}

export const placeOf = ({ file, line, column }: ConfSpan): Place => ({ kind: 'file', file, line, column });

/** The entry that counts: names are compared without case, and the last of several wins. */
export function entryOf(entries: readonly ConfEntry[], ...names: readonly string[]): ConfEntry | undefined {
  return entries.findLast(({ key }) => names.includes(key.toLowerCase()));
}

export const mapOf = (entry: ConfEntry | undefined): readonly ConfEntry[] | undefined =>
  entry?.value.kind === 'map' ? entry.value.entries : undefined;

const placed = <T>({ key, value }: ConfEntry, read: T | undefined): Placed<T> | undefined =>
  read === undefined ? undefined : { value: read, span: value.span, raw: value.raw, key };

/** Reads a value of one kind; undefined when it is absent or of another kind, which is another rule's concern. */
type Reader<T> = (entries: readonly ConfEntry[], ...names: readonly string[]) => Placed<T> | undefined;

const reader =
  <T>(read: (value: ConfValue) => T | undefined): Reader<T> =>
  (entries, ...names) => {
    const entry = entryOf(entries, ...names);
    return entry === undefined ? undefined : placed(entry, read(entry.value));
  };

export const textIn = reader((value) => (value.kind === 'string' ? value.value : undefined));

export const integerIn = reader((value) => (value.kind === 'integer' ? Number(value.value) : undefined));

export const booleanIn = reader((value) => (value.kind === 'boolean' ? value.value : undefined));

/** Bytes: an integer with or without suffix, or a text that ends in K, M, G or T, which are powers of 1024 there. */
export const sizeIn = reader((value) => {
  if (value.kind === 'integer') return Number(value.value);
  if (value.kind !== 'string') return undefined;
  const [, amount, unit] = /^(-?\d+)([KMGT])$/.exec(value.value) ?? [];
  return amount === undefined ? undefined : Number(amount) * 1024 ** ('KMGT'.indexOf(unit!) + 1);
});

/** Milliseconds. A bare number counts seconds, with a warning of the server. */
export const durationIn = reader((value) => {
  if (value.kind === 'integer') return Number(value.value) * 1000;
  return value.kind === 'string' ? goDuration(value.value) : undefined;
});

const GO_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration such as `1m30s`; undefined for any other text. */
export function goDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * GO_UNITS[unit!]!;
  return text.startsWith('-') ? -total : total;
}

/** The texts of a list, or of a single text. */
export function textsIn(entries: readonly ConfEntry[], ...names: readonly string[]): Placed<string>[] {
  const entry = entryOf(entries, ...names);
  if (entry === undefined) return [];
  const values = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  return values.flatMap((value) =>
    value.kind === 'string' ? [{ value: value.value, span: value.span, raw: value.raw, key: entry.key }] : [],
  );
}

/** Every value of a tree with the names that lead to it; lists add their index. */
export function* valuesWithin(
  entries: readonly ConfEntry[],
  path: readonly string[] = [],
): Iterable<{ path: readonly string[]; value: ConfValue }> {
  for (const { key, value } of entries) yield* within(value, [...path, key]);
}

function* within(
  value: ConfValue,
  path: readonly string[],
): Iterable<{ path: readonly string[]; value: ConfValue }> {
  yield { path, value };
  if (value.kind === 'map') yield* valuesWithin(value.entries, path);
  if (value.kind === 'list')
    for (const [index, item] of value.items.entries()) yield* within(item, [...path, String(index)]);
}
