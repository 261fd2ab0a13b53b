import type { Reading } from './sizes.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const DURATION_UNITS = 'ms, s, m, h or d';
/** For JSON Schema; `parseDuration` is the judge. */
export const DURATION_PATTERN = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/** JetStream counts nanoseconds in 64 signed bits: 292 years. */
const LONGEST_MS = 106_751 * UNITS.d;

/** `250ms` → 250, `1h30m` → 5400000. A number without a unit is refused. */
export function parseDuration(text: string): Reading {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    return refused(`has no unit; write ${DURATION_UNITS}, for example ${trimmed}s`);
  }
  if (!/^(\d+(\.\d+)?[A-Za-zµ]+)+$/.test(trimmed)) {
    return refused(
      `not a duration; write a number and a unit, such as 250ms, 20s or 24h (units: ${DURATION_UNITS})`,
    );
  }
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)([A-Za-zµ]+)/g)) {
    if (unit === undefined || !Object.hasOwn(UNITS, unit)) {
      return refused(`unknown unit "${unit}"; write ${DURATION_UNITS}`);
    }
    total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  // 1.1s is 1100.0000000000002 in floating point; what is meant is still a whole number of milliseconds.
  const rounded = Math.round(total);
  if (Math.abs(total - rounded) > 1e-6) return refused('not a whole number of milliseconds');
  if (rounded > LONGEST_MS) return refused('too long; at most 106751d');
  return { ok: true, value: rounded };
}

/** Milliseconds as text, exact: `24h`, `7d`, `1h30m`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms % UNITS.d === 0 && ms !== UNITS.d) return `${ms / UNITS.d}d`;
  let rest = ms;
  let text = '';
  for (const unit of ['h', 'm', 's', 'ms'] as const) {
    const count = Math.trunc(rest / UNITS[unit]);
    if (count !== 0) text += `${count}${unit}`;
    rest -= count * UNITS[unit];
  }
  return text;
}

const refused = (reason: string): Reading => ({ ok: false, reason });
