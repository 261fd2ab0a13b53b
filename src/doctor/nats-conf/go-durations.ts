import { goQuoted } from './go-values.ts';

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const MOST = 2n ** 63n;

/** `1h30m`, `250ms`, `-1.5s` as Go's `time.ParseDuration` reads them: nanoseconds, or its error. */
export function goDuration(text: string): { nanoseconds: bigint } | { error: string } {
  const invalid = { error: `time: invalid duration ${goQuoted(text)}` };
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  let rest = text.slice(sign.length);
  if (rest === '0') return { nanoseconds: 0n };
  if (rest === '') return invalid;
  let total = 0n;
  while (rest !== '') {
    const [, whole, fraction] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest) as unknown as [
      string,
      string,
      string | undefined,
    ];
    if (whole === '' && (fraction ?? '') === '') return invalid;
    rest = rest.slice(whole.length + (fraction === undefined ? 0 : fraction.length + 1));
    const unit = /^[^.0-9]*/.exec(rest)![0];
    if (unit === '') return { error: `time: missing unit in duration ${goQuoted(text)}` };
    rest = rest.slice(unit.length);
    const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit]! : null;
    if (factor === null)
      return { error: `time: unknown unit ${goQuoted(unit)} in duration ${goQuoted(text)}` };
    total += BigInt(whole || '0') * factor;
    const digits = (fraction ?? '').slice(0, 18);
    if (digits !== '') total += (BigInt(digits) * factor) / 10n ** BigInt(digits.length);
    if (total > MOST) return invalid;
  }
  if (sign === '-') return { nanoseconds: -total };
  return total === MOST ? invalid : { nanoseconds: total };
}

/** Nanoseconds as Go prints a duration: `10s`, `1m30s`, `1.5s`. */
export function shownDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const decimal = (unit: bigint): string => (Number((size * 1_000_000n) / unit) / 1_000_000).toString();
  if (size === 0n) return '0s';
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(1_000_000n)}ms`;
  const hours = size / UNITS.h!;
  const minutes = (size % UNITS.h!) / UNITS.m!;
  const seconds = Number(size % UNITS.m!) / 1e9;
  const tail = hours > 0n || minutes > 0n ? `${minutes}m${seconds}s` : `${seconds}s`;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${tail}`;
}
