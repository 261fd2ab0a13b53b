/** `2.10.27` → [2, 10, 27]; a suffix as in `2.10.27-alpine` or `2.15.0-dev` is left out, missing parts are 0. */
const parts = (version: string): number[] =>
  (/^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version)?.slice(1) ?? []).map((part) => Number(part ?? 0));

/** Is `version` of nats-server `least` or later? A version that is no version counts as newer than all. */
export function isAtLeast(version: string, least: string): boolean {
  const left = parts(version);
  const right = parts(least);
  if (left.length === 0) return true;
  for (const [index, part] of right.entries()) if (left[index] !== part) return (left[index] ?? 0) > part;
  return true;
}

/** What is assumed when nobody says which server will read the file. */
export const NEWEST = '2.15.1';
