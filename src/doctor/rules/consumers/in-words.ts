/** At most as many names as a reader takes in. */
const SHOWN = 3;

/** `a`, `a and b`, `a, b, c and 4 more` */
export function inWords(names: readonly string[]): string {
  const shown = names.length > SHOWN + 1 ? names.slice(0, SHOWN) : names;
  const rest = names.length - shown.length;
  const last = rest > 0 ? `${rest} more` : (shown.at(-1) ?? '');
  const others = rest > 0 ? shown : shown.slice(0, -1);
  return others.length === 0 ? last : `${others.join(', ')} and ${last}`;
}
