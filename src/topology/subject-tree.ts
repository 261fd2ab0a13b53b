/** Patterns by token; patterns with the same beginning share its branches. */
class Branch<T> {
  /** Of the patterns that end here. */
  readonly ends: T[] = [];
  /** By token, `*` and `>` among them. */
  readonly next = new Map<string, Branch<T>>();
}

/**
 * Subject patterns with a value each, asked by pattern: what begins alike is looked at once and what begins
 * differently never. No call recurses: a subject may have a hundred thousand words.
 */
export class SubjectTree<T> {
  readonly root = new Branch<T>();
  /** Words of the longest pattern. */
  depth = 0;

  add(pattern: string, value: T): void {
    const tokens = pattern.split('.');
    let branch = this.root;
    for (const token of tokens) {
      const next = branch.next.get(token) ?? new Branch<T>();
      branch.next.set(token, next);
      branch = next;
    }
    branch.ends.push(value);
    this.depth = Math.max(this.depth, tokens.length);
  }

  /** Values of the patterns that share a subject with this one. */
  crossing(pattern: string): Generator<T> {
    return this.#ask(pattern, (branch) => [...named(branch, '*'), ...words(branch)], endsBelow);
  }

  /** Values of the patterns that match every subject that this one matches. */
  covering(pattern: string): Generator<T> {
    return this.#ask(
      pattern,
      (branch) => named(branch, '*'),
      () => [],
    );
  }

  /** What a `*` of the pattern leads to, and what its `>` reaches, is all in which the questions differ. */
  *#ask(
    pattern: string,
    star: (branch: Branch<T>) => readonly Branch<T>[],
    rest: (branch: Branch<T>) => Iterable<readonly T[]>,
  ): Generator<T> {
    const tokens = pattern.split('.');
    const work: [Branch<T>, number][] = [[this.root, 0]];
    for (let item = work.pop(); item !== undefined; item = work.pop()) {
      const [branch, at] = item;
      const token = tokens[at];
      if (token === undefined) {
        yield* branch.ends;
        continue;
      }
      yield* branch.next.get('>')?.ends ?? [];
      if (token === '>') for (const ends of rest(branch)) yield* ends;
      else
        for (const next of token === '*' ? star(branch) : named(branch, token, '*'))
          work.push([next, at + 1]);
    }
  }

  /**
   * Do the patterns together match every subject that this one matches? There are more words than patterns can name,
   * so a star is only covered by a star or a `>`; but `a.>` is covered by `a.*` and `a.*.>` together.
   */
  coversAll(pattern: string): boolean {
    const some = (text: string): boolean => !this.covering(text).next().done;
    if (some(pattern)) return true;
    if (!pattern.endsWith('>') || (pattern !== '>' && !pattern.endsWith('.>'))) return false;
    const words = pattern.split('.').slice(0, -1);
    // One word more than the longest pattern: what matches that matches everything longer.
    do {
      words.push('*');
      if (!some(words.join('.'))) return false;
    } while (words.length <= this.depth);
    return true;
  }
}

const named = <T>(branch: Branch<T>, ...tokens: readonly string[]): Branch<T>[] =>
  tokens.flatMap((token) => branch.next.get(token) ?? []);

/** Ends of everything that is at least one word longer, except for what `>` itself ends. */
function* endsBelow<T>(branch: Branch<T>): Generator<readonly T[]> {
  const work = [...branch.next].flatMap(([token, next]) => (token === '>' ? [] : [next]));
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (next.ends.length > 0) yield next.ends;
    for (const below of next.next.values()) work.push(below);
  }
}

function* words<T>(branch: Branch<T>): Generator<Branch<T>> {
  for (const [token, next] of branch.next) if (token !== '*' && token !== '>') yield next;
}
