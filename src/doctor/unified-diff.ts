import type { FileChange } from './fix.ts';

const CONTEXT = 3;

/** A change as `diff -u` prints it, one string for each line, without line ends. */
export function unifiedDiff({ file, before, after }: FileChange): readonly string[] {
  const old = linesOf(before);
  const now = linesOf(after);
  const hunks = hunksOf(changedRuns(old, now), old.length);
  return [`--- ${file}`, `+++ ${file}`, ...hunks.flatMap((hunk) => hunkLines(hunk, old, now))];
}

const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  // The end of the last line is no line of its own; a file that does not end with one says so.
  if (lines.at(-1) === '') lines.pop();
  else if (lines.length > 0) lines[lines.length - 1] += '\n\\ No newline at end of file';
  return lines;
};

/** `old[a0..a1)` became `now[b0..b1)`. */
interface Run {
  a0: number;
  a1: number;
  b0: number;
  b1: number;
}

/**
 * Edits are few and small, so what is the same before and after is cut off first, then the middle is compared line by
 * line with a greedy search for the next line that both have.
 */
function changedRuns(old: readonly string[], now: readonly string[]): Run[] {
  const runs: Run[] = [];
  let a = 0;
  let b = 0;
  while (a < old.length || b < now.length) {
    if (a < old.length && b < now.length && old[a] === now[b]) {
      a += 1;
      b += 1;
      continue;
    }
    const next = nextCommon(old, now, a, b);
    runs.push({ a0: a, a1: next.a, b0: b, b1: next.b });
    ({ a, b } = next);
  }
  return runs;
}

/** The nearest pair of equal lines after a difference; the ends when there is none nearby. */
function nextCommon(
  old: readonly string[],
  now: readonly string[],
  a: number,
  b: number,
): { a: number; b: number } {
  const most = Math.min(400, old.length - a + (now.length - b));
  for (let distance = 1; distance <= most; distance += 1) {
    for (let ofOld = 0; ofOld <= distance; ofOld += 1) {
      const [x, y] = [a + ofOld, b + distance - ofOld];
      if (x < old.length && y < now.length && old[x] === now[y] && old[x]!.trim() !== '')
        return { a: x, b: y };
    }
  }
  return { a: old.length, b: now.length };
}

interface Hunk {
  runs: Run[];
  from: number;
  to: number;
}

function hunksOf(runs: readonly Run[], length: number): Hunk[] {
  const hunks: Hunk[] = [];
  for (const run of runs) {
    const [from, to] = [Math.max(0, run.a0 - CONTEXT), Math.min(length, run.a1 + CONTEXT)];
    const last = hunks.at(-1);
    if (last !== undefined && from <= last.to) {
      last.runs.push(run);
      last.to = to;
    } else hunks.push({ runs: [run], from, to });
  }
  return hunks;
}

function hunkLines({ runs, from, to }: Hunk, old: readonly string[], now: readonly string[]): string[] {
  const first = runs[0]!;
  const start = first.b0 - (first.a0 - from);
  const added = runs.reduce((sum, { a0, a1, b0, b1 }) => sum + (b1 - b0) - (a1 - a0), 0);
  const lines: string[] = [];
  let at = from;
  for (const { a0, a1, b0, b1 } of runs) {
    for (; at < a0; at += 1) lines.push(` ${old[at]}`);
    for (; at < a1; at += 1) lines.push(`-${old[at]}`);
    for (let b = b0; b < b1; b += 1) lines.push(`+${now[b]}`);
  }
  for (; at < to; at += 1) lines.push(` ${old[at]}`);
  const range = (begin: number, count: number): string => `${count === 0 ? begin : begin + 1},${count}`;
  return [
    `@@ -${range(from, to - from)} +${range(start, to - from + added)} @@`,
    ...lines.flatMap((line) => line.split('\n')),
  ];
}
