const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

export type ReadNumber<T> = { value: T; suffix: string } | { error: string };

/** `10GiB` → 10 × 2³⁰, wrapped to 64 bits as the server does it; null for a suffix that it drops in silence (`1kbb`). */
export function readInteger(text: string): ReadNumber<bigint> | null {
  const digits = /^[\p{Nd}-]*/u.exec(text)![0];
  if (!/^-?[0-9]+$/.test(digits)) return { error: `expected integer, but got '${text}'` };
  const number = BigInt(digits);
  if (number < LEAST || number > MOST) return { error: `integer '${text}' is out of the range` };
  const suffix = text.slice(digits.length);
  const factor = factorOf(suffix.toLowerCase());
  return factor === null ? null : { value: BigInt.asIntN(64, number * factor), suffix };
}

/** Only a lone letter counts in thousands. */
function factorOf(suffix: string): bigint | null {
  if (suffix === '') return 1n;
  const power = 'kmgtpe'.indexOf(suffix[0]!) + 1;
  if (suffix.length === 1) return 1000n ** BigInt(power);
  return ['b', 'i', 'ib'].includes(suffix.slice(1)) ? 1024n ** BigInt(power) : null;
}

export function readFloat(text: string): ReadNumber<number> {
  if (!/^-?[0-9]+\.[0-9]+$/.test(text)) return { error: `expected float, but got '${text}'` };
  const value = Number(text);
  return Number.isFinite(value) ? { value, suffix: '' } : { error: `float '${text}' is out of the range` };
}

/** Is `2025-02-29T00:00:00Z` a moment that exists? */
export function isDatetime(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return false;
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day >= 1 && day <= days;
}
