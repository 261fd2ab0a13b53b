/** A pattern with numbers for words: to compare many with many, nothing of a word counts but whether it is the same. */
interface Coded {
  position: number;
  /** Without a final `>`. */
  words: Int32Array;
  open: boolean;
}

/** No word has these numbers. */
const STAR = 0;
const END = -1;

/** To look for a word that tells patterns apart takes as long as to compare so many pairs. */
const FEW_PAIRS = 50_000;
/** Places that are tried: a subject may have a hundred thousand words. */
const TRIED_PLACES = 64;
/** Patterns that are looked at to choose a word. */
const SAMPLE = 100;
/** A word that leaves more of the pairs than this is not worth splitting by. */
const WORTH = 0.7;

type Group = readonly Coded[];

/**
 * Pairs of positions of patterns that share a subject, each pair once, smaller position first; at most `limit` pairs.
 *
 * Patterns are split by the word that tells most of them apart, wherever it stands: only patterns with the same word
 * there, or with a wildcard, can meet. What no word tells apart is compared one by one, so that patterns that somebody
 * thought up to be slow (a different half of the words a star in each) cost a comparison of two numbers for each pair.
 */
export function pairsBySplitting(
  patterns: readonly string[],
  limit: number,
  fewPairs = FEW_PAIRS,
): [number, number][] {
  const all = coded(patterns);
  const pairs: [number, number][] = [];
  const work: [Group, Group][] = [[all, all]];
  for (let item = work.pop(); item !== undefined && pairs.length < limit; item = work.pop()) {
    const [left, right] = item;
    const at = left.length * right.length <= fewPairs ? undefined : bestPlace(left, right);
    if (at === undefined) compare(left, right, pairs, limit);
    else for (const next of split(left, right, at)) work.push(next);
  }
  return pairs;
}

function coded(patterns: readonly string[]): Coded[] {
  const numbers = new Map<string, number>([['*', STAR]]);
  const numberOf = (word: string): number => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    numbers.set(word, numbers.size);
    return numbers.size - 1;
  };
  return patterns.map((pattern, position) => {
    const words = pattern.split('.');
    const open = words.at(-1) === '>';
    if (open) words.pop();
    return { position, words: Int32Array.from(words, numberOf), open };
  });
}

/** Not a place, but it tells patterns apart as the word at one does. */
const LENGTH = -1;

/** The word at a place, END after the last, undefined for what may be anything. */
function wordAt({ words, open }: Coded, at: number): number | undefined {
  if (at === LENGTH) return open ? undefined : words.length;
  if (at >= words.length) return open ? undefined : END;
  return words[at] === STAR ? undefined : words[at];
}

/** The place whose word leaves the fewest pairs, as far as a sample tells; undefined when none leaves few. */
function bestPlace(left: Group, right: Group): number | undefined {
  const a = sampleOf(left);
  const b = left === right ? a : sampleOf(right);
  const longest = Math.max(...[...a, ...b].map(({ words }) => words.length));
  let best: number | undefined;
  let fewest = a.length * b.length * WORTH;
  for (let at = LENGTH; at <= Math.min(longest, TRIED_PLACES); at += 1) {
    const [ofA, ofB] = [counts(a, at), counts(b, at)];
    const [anyA, anyB] = [ofA.get(undefined) ?? 0, ofB.get(undefined) ?? 0];
    let remaining = anyA * b.length + (a.length - anyA) * anyB;
    for (const [word, count] of ofA) if (word !== undefined) remaining += count * (ofB.get(word) ?? 0);
    if (remaining < fewest) [best, fewest] = [at, remaining];
  }
  return best;
}

/** Spread over the group, because neighbours in a file are alike. */
function sampleOf(group: Group): Group {
  const step = Math.max(1, group.length / SAMPLE);
  return Array.from({ length: Math.min(group.length, SAMPLE) }, (_, n) => group[Math.floor(n * step)]!);
}

function counts(group: Group, at: number): Map<number | undefined, number> {
  const counted = new Map<number | undefined, number>();
  for (const pattern of group) {
    const word = wordAt(pattern, at);
    counted.set(word, (counted.get(word) ?? 0) + 1);
  }
  return counted;
}

/** Every pair that can meet at this place is in one of the results, once. */
function* split(left: Group, right: Group, at: number): Generator<[Group, Group]> {
  const a = groupBy(left, (pattern) => wordAt(pattern, at));
  const b = left === right ? a : groupBy(right, (pattern) => wordAt(pattern, at));
  const [anyA, anyB] = [a.get(undefined) ?? [], b.get(undefined) ?? []];
  for (const [word, group] of a) {
    const other = b.get(word);
    if (other !== undefined) yield [group, other];
  }
  const [namedA, namedB] = [left, right].map((group) => group.filter((one) => wordAt(one, at) !== undefined));
  if (anyA.length > 0 && namedB!.length > 0) yield [anyA, namedB!];
  if (a !== b && anyB.length > 0 && namedA!.length > 0) yield [namedA!, anyB];
}

function groupBy<K>(group: Group, keyOf: (pattern: Coded) => K): Map<K, Coded[]> {
  const groups = new Map<K, Coded[]>();
  for (const pattern of group) {
    const key = keyOf(pattern);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [pattern]);
    else known.push(pattern);
  }
  return groups;
}

function compare(left: Group, right: Group, pairs: [number, number][], limit: number): void {
  for (const [index, a] of left.entries()) {
    // A group against itself: each pair once, and nothing with itself.
    for (let other = left === right ? index + 1 : 0; other < right.length; other += 1) {
      const b = right[other]!;
      if (!meet(a, b)) continue;
      pairs.push(a.position < b.position ? [a.position, b.position] : [b.position, a.position]);
      if (pairs.length >= limit) return;
    }
  }
}

function meet(a: Coded, b: Coded): boolean {
  const shared = Math.min(a.words.length, b.words.length);
  if (!lengthsMeet(a, b)) return false;
  for (let at = 0; at < shared; at += 1) {
    const one = a.words[at]!;
    const other = b.words[at]!;
    if (one !== other && one !== STAR && other !== STAR) return false;
  }
  return true;
}

/** Can there be a subject of a length that both allow? An open pattern wants one word more than it has at least. */
function lengthsMeet(a: Coded, b: Coded): boolean {
  if (a.open && b.open) return true;
  if (a.open) return b.words.length > a.words.length;
  if (b.open) return a.words.length > b.words.length;
  return a.words.length === b.words.length;
}
