/** Patterns by token; patterns with the same beginning share its branches. */
class Branch {
  /** Positions of the patterns that end here. */
  readonly ends: number[] = [];
  /** By token, `*` and `>` among them. */
  readonly next = new Map<string, Branch>();
}

/**
 * Pairs of positions of patterns that share a subject, each pair once, smaller position first; at most `limit` pairs.
 * The tree is walked against itself, two branches at a time, so that what begins alike is compared once and what
 * begins differently never: ten thousand patterns take milliseconds where comparing all with all takes minutes.
 */
export function overlappingPairs(patterns: readonly string[], limit: number): [number, number][] {
  const pairs: [number, number][] = [];
  const report = (left: readonly number[], right: readonly number[]): void => {
    for (const a of left)
      for (const b of right) {
        if (pairs.length >= limit) return;
        // The same list against itself: each pair once, and nothing with itself.
        if (left !== right || a < b) pairs.push(a < b ? [a, b] : [b, a]);
      }
  };
  const root = plant(patterns);
  const work: [Branch, Branch][] = [[root, root]];
  for (let pair = work.pop(); pair !== undefined && pairs.length < limit; pair = work.pop()) {
    const [u, v] = pair;
    report(u.ends, v.ends);
    const [uRest, vRest] = [u.next.get('>'), v.next.get('>')];
    if (uRest !== undefined && vRest !== undefined) report(uRest.ends, vRest.ends);
    if (uRest !== undefined) for (const ends of endsBelow(v)) report(uRest.ends, ends);
    if (vRest !== undefined && u !== v) for (const ends of endsBelow(u)) report(vRest.ends, ends);
    work.push(...alike(u, v));
  }
  return pairs;
}

function plant(patterns: readonly string[]): Branch {
  const root = new Branch();
  for (const [position, pattern] of patterns.entries()) {
    let branch = root;
    for (const token of pattern.split('.')) {
      const next = branch.next.get(token) ?? new Branch();
      branch.next.set(token, next);
      branch = next;
    }
    branch.ends.push(position);
  }
  return root;
}

/** Pairs of branches that one more word can lead to: the same word, or a star and any word. Each pair once. */
function* alike(u: Branch, v: Branch): Generator<[Branch, Branch]> {
  const [uStar, vStar] = [u.next.get('*'), v.next.get('*')];
  const [few, many] = u.next.size <= v.next.size ? [u, v] : [v, u];
  for (const [token, branch] of few.next) {
    const other = many.next.get(token);
    if (token !== '>' && other !== undefined) yield [branch, other];
  }
  if (uStar !== undefined) for (const branch of words(v)) yield [uStar, branch];
  if (vStar !== undefined && u !== v) for (const branch of words(u)) yield [vStar, branch];
}

function* words(branch: Branch): Generator<Branch> {
  for (const [token, next] of branch.next) if (token !== '*' && token !== '>') yield next;
}

/** Ends of everything that is at least one word longer, except for what `>` itself ends. */
function* endsBelow(branch: Branch): Generator<readonly number[]> {
  const work = [...branch.next].flatMap(([token, next]) => (token === '>' ? [] : [next]));
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (next.ends.length > 0) yield next.ends;
    for (const below of next.next.values()) work.push(below);
  }
}
