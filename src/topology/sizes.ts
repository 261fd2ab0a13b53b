/**
 * Sizes as people write them. Decimal and binary units are different numbers (10G is 7 % less than 10GiB) and NATS
 * itself reads `10G` and `10GB` differently, so devenv takes every unit at its word and never guesses one.
 */
const UNITS = {
  B: 1,
  K: 1e3,
  kB: 1e3,
  KB: 1e3,
  M: 1e6,
  MB: 1e6,
  G: 1e9,
  GB: 1e9,
  T: 1e12,
  TB: 1e12,
  Ki: 2 ** 10,
  KiB: 2 ** 10,
  Mi: 2 ** 20,
  MiB: 2 ** 20,
  Gi: 2 ** 30,
  GiB: 2 ** 30,
  Ti: 2 ** 40,
  TiB: 2 ** 40,
} as const satisfies Record<string, number>;

/** The outcome of reading a value with a unit; `reason` is a clause that fits after the value and a colon. */
export type Reading = { ok: true; value: number } | { ok: false; reason: string };

export const SIZE_UNITS = 'KiB, MiB, GiB, TiB (powers of 1024), K, M, G, T (powers of 1000) or B';
/** For JSON Schema; `parseSize` is the judge. */
export const SIZE_PATTERN = /^\d+(\.\d+)? ?(B|[kK]B|K|M|MB|G|GB|T|TB|[KMGT]iB?)$/;

/** `10GiB` → 10737418240 bytes, `10G` → 10000000000. A number without a unit is refused. */
export function parseSize(text: string): Reading {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined) {
    return refused(`not a size; write a number and a unit, such as 512MiB or 10G (units: ${SIZE_UNITS})`);
  }
  if (unit === '')
    return refused(`has no unit; write ${SIZE_UNITS}, for example ${withUnit(Number(amount))}`);
  const factor = lookUp(UNITS, unit);
  if (factor === undefined) return refused(`unknown unit "${unit}";${nearMiss(unit)} write ${SIZE_UNITS}`);
  const bytes = Number(amount) * factor;
  if (!Number.isInteger(bytes)) return refused('not a whole number of bytes');
  if (!Number.isSafeInteger(bytes)) return refused('too large; at most 8191TiB');
  return { ok: true, value: bytes };
}

/** What a bare number may have meant: a large one bytes, a small one MiB. */
function withUnit(amount: number): string {
  if (amount < UNITS.MiB || !Number.isSafeInteger(amount)) return `${amount}MiB`;
  const text = formatSize(amount);
  return text.includes('.') ? `${amount}B` : text;
}

/**
 * Bytes as text: exact (`1GiB`, `10GB`, `1536B`) wherever four digits and a unit can say it exactly, otherwise rounded
 * to binary units with two decimals (`9.31GiB`).
 */
export function formatSize(bytes: number): string {
  for (const unit of ['TiB', 'TB', 'GiB', 'GB', 'MiB', 'MB', 'KiB', 'KB'] as const) {
    const count = bytes / UNITS[unit];
    if (Number.isInteger(count) && count !== 0 && Math.abs(count) < 10_000) return `${count}${unit}`;
  }
  // Up to 10 KiB every byte counts: message sizes are compared here.
  if (Math.abs(bytes) < 10 * UNITS.KiB) return `${bytes}B`;
  const unit = (['TiB', 'GiB', 'MiB'] as const).find((name) => Math.abs(bytes) >= UNITS[name]) ?? 'KiB';
  return `${Number((bytes / UNITS[unit]).toFixed(2))}${unit}`;
}

const refused = (reason: string): Reading => ({ ok: false, reason });

const lookUp = (units: Readonly<Record<string, number>>, unit: string): number | undefined =>
  Object.hasOwn(units, unit) ? units[unit] : undefined;

function nearMiss(unit: string): string {
  const match = Object.keys(UNITS).find((known) => known.toLowerCase() === unit.toLowerCase());
  return match === undefined ? '' : ` did you mean "${match}"?`;
}
