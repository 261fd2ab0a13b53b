/** A pattern that would share a subject with the one that was asked for, if one word were written otherwise. */
export interface NearSubject {
  /** The known pattern. */
  pattern: string;
  /** The word that was asked for, and the known word that differs from it by one slip. */
  word: string;
  meant: string;
  /** Which word of the subject it is, from 0. */
  at: number;
}

interface Branch {
  pattern?: string;
  next: Map<string, Branch>;
  /** What is left of a word when one letter is taken out of it → the words; made when it is first needed. */
  slips?: Map<string, string[]>;
}

/**
 * Patterns indexed so that those one slip away are looked up: two words that differ by one inserted, dropped, replaced
 * or swapped letter are alike after one letter is taken out of each, or out of one.
 */
export class NearSubjects {
  readonly #root: Branch = { next: new Map() };

  constructor(patterns: Iterable<string>) {
    for (const pattern of patterns) {
      let branch = this.#root;
      for (const token of pattern.split('.')) {
        const next: Branch = branch.next.get(token) ?? { next: new Map() };
        branch.next.set(token, next);
        branch = next;
      }
      branch.pattern ??= pattern;
    }
  }

  /** The first known pattern that one slip keeps apart from this one; undefined when there is none. */
  nearestTo(pattern: string): NearSubject | undefined {
    const tokens = pattern.split('.');
    const work: Step[] = [{ branch: this.#root, at: 0 }];
    for (let step = work.pop(); step !== undefined; step = work.pop()) {
      const { branch, at, slip } = step;
      const token = tokens[at];
      if (slip !== undefined) {
        const met = endOf(branch, token);
        if (met !== undefined) return { pattern: met, ...slip };
      }
      if (token === undefined || token === '>') continue;
      const into = (word: string, by = slip): void => {
        const next = branch.next.get(word);
        if (next !== undefined) work.push({ branch: next, at: at + 1, ...(by && { slip: by }) });
      };
      if (token === '*') for (const word of branch.next.keys()) word !== '>' && into(word);
      else {
        if (slip === undefined)
          for (const meant of near(branch, token)) into(meant, { word: token, meant, at });
        into('*');
        into(token);
      }
    }
    return undefined;
  }
}

interface Step {
  branch: Branch;
  at: number;
  slip?: Omit<NearSubject, 'pattern'>;
}

/** A pattern that shares a subject with what is left of the one that was asked for. */
function endOf(branch: Branch, token: string | undefined): string | undefined {
  if (token === undefined) return branch.pattern;
  const open = branch.next.get('>')?.pattern;
  if (open !== undefined || token !== '>') return open;
  // Anything that goes on from here.
  for (let below = branch.next.values().next().value; below; below = below.next.values().next().value)
    if (below.pattern !== undefined) return below.pattern;
  return undefined;
}

function* near(branch: Branch, token: string): Generator<string> {
  if (token.length < SHORTEST) return;
  if (branch.slips === undefined) {
    branch.slips = new Map();
    for (const word of branch.next.keys())
      if (word.length >= SHORTEST) for (const rest of shortened(word)) push(branch.slips, rest, word);
  }
  const told = new Set<string>();
  for (const rest of shortened(token))
    for (const word of branch.slips.get(rest) ?? [])
      if (told.size < told.add(word).size && isSlip(token, word)) yield word;
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** The word itself and with each of its letters taken out, in lower case. */
function* shortened(word: string): Generator<string> {
  const letters = word.toLowerCase();
  yield letters;
  // Nobody mistypes a word of a thousand letters, and each would make a thousand entries.
  if (letters.length > LONGEST) return;
  for (let at = 0; at < letters.length; at += 1) yield letters.slice(0, at) + letters.slice(at + 1);
}

const SHORTEST = 3;
const LONGEST = 64;

/**
 * Are two different words one slip apart: a letter inserted, dropped, replaced, or swapped with its neighbour, or the
 * same letters in another case? `shard1` and `shard2` are told apart on purpose: a digit is no slip.
 */
export function isSlip(a: string, b: string): boolean {
  if (a === b || Math.min(a.length, b.length) < SHORTEST) return false;
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (left === right) return true;
  let from = 0;
  while (from < left.length && left[from] === right[from]) from += 1;
  let [leftEnd, rightEnd] = [left.length, right.length];
  while (leftEnd > from && rightEnd > from && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd -= 1;
    rightEnd -= 1;
  }
  const [inLeft, inRight] = [left.slice(from, leftEnd), right.slice(from, rightEnd)];
  if (/\d/.test(inLeft + inRight)) return false;
  if (inLeft.length <= 1 && inRight.length <= 1) return true;
  return inLeft.length === 2 && inRight.length === 2 && inLeft[0] === inRight[1] && inLeft[1] === inRight[0];
}
