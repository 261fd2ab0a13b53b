/// <reference lib="es2024.string" />
import type { FieldType } from './declaration.ts';

/** What a value becomes: text that Postgres casts to the column's type, or why it cannot. */
export type Converted = { text: string } | { expected: string };

const INTEGER = /^[+-]?\d{1,19}$/;
const NUMERIC = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/;
const BIGINT_MAX = 2n ** 63n - 1n;
const BIGINT_MIN = -(2n ** 63n);

/**
 * One converter per declared type. The text is canonical (one spelling per value), so that two keys are equal here
 * exactly when they are equal in Postgres. Every refusal says what was expected; the caller says what was read.
 */
export const CONVERTERS: Readonly<Record<FieldType, (value: unknown) => Converted>> = {
  text: (value) =>
    typeof value === 'string' && isStorable(value)
      ? { text: value }
      : { expected: 'a string without NUL characters or lone surrogates' },
  integer: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31
      ? { text: canonicalInteger(value) }
      : { expected: 'a whole number of 32 bits' },
  bigint: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return { text: canonicalInteger(value) };
    if (typeof value === 'string' && INTEGER.test(value)) {
      const number = BigInt(value.startsWith('+') ? value.slice(1) : value);
      if (number >= BIGINT_MIN && number <= BIGINT_MAX) return { text: number.toString() };
    }
    return {
      expected: 'a whole number of 64 bits; above 2^53 as a string, because JSON numbers lose digits',
    };
  },
  numeric: (value) => {
    if (typeof value === 'number' && Number.isFinite(value)) return { text: String(value === 0 ? 0 : value) };
    if (typeof value === 'string' && NUMERIC.test(value)) return { text: value };
    return { expected: 'a number, or a string of digits when every digit counts' };
  },
  boolean: (value) =>
    typeof value === 'boolean' ? { text: value ? 't' : 'f' } : { expected: 'true or false' },
  date: (value) =>
    typeof value === 'string' && isCalendarDate(value)
      ? { text: value }
      : { expected: 'a calendar date like "2025-11-13"' },
  timestamp: (value) => {
    if (typeof value === 'string') {
      const [, date = '', time = '', , , zone = 'Z'] = TIMESTAMP.exec(value) ?? [];
      const instant = Date.parse(`${date}T${time}${zone}`);
      if (isCalendarDate(date) && !Number.isNaN(instant)) return { text: `${date}T${time}${zone}` };
    }
    return { expected: 'an ISO 8601 time like "2025-11-13T08:00:00Z" (without offset: UTC)' };
  },
  uuid: (value) =>
    typeof value === 'string' && UUID.test(value) ? { text: value.toLowerCase() } : { expected: 'a UUID' },
  json: (value) =>
    isStorableDeep(value, 0)
      ? { text: JSON.stringify(value) }
      : { expected: 'JSON at most 256 deep, without NUL characters or lone surrogates' },
};

// -0 would become a second spelling of 0.
const canonicalInteger = (value: number): string => String(value === 0 ? 0 : value);

/** Postgres stores neither U+0000 nor half a surrogate pair; both are legal in JSON. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function isStorableDeep(value: unknown, depth: number): boolean {
  if (depth > 256) return false;
  if (typeof value === 'string') return isStorable(value);
  if (Array.isArray(value)) return value.every((item) => isStorableDeep(item, depth + 1));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableDeep(item, depth + 1));
  }
  return true;
}

function isCalendarDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || year === '0000') return false;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}
