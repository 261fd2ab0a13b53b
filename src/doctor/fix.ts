import type { Edit, Finding } from './finding.ts';

/** One file before and after. */
export interface FileChange {
  file: string;
  before: string;
  after: string;
}

export interface PlannedFix {
  /** Only files that change, in the order in which they were first named. */
  changes: readonly FileChange[];
  /** Findings whose edits are all in. */
  fixed: readonly Finding[];
  /** Findings that have edits which cannot be made now, and why: another one's come first, or a file is not editable. */
  postponed: readonly { finding: Finding; reason: string }[];
}

/**
 * Makes the mechanical edits, all or none of one finding. Where two findings want to change the same characters the first
 * wins and the other waits for the next run; the same edit wanted twice is made once.
 */
export function planFix(findings: readonly Finding[], texts: ReadonlyMap<string, string>): PlannedFix {
  const chosen = new Map<string, Edit[]>();
  const fixed: Finding[] = [];
  const postponed: { finding: Finding; reason: string }[] = [];
  for (const finding of findings) {
    const { edits = [] } = finding;
    if (edits.length === 0) continue;
    const reason = obstacle(edits, chosen, texts);
    if (reason !== undefined) {
      postponed.push({ finding, reason });
      continue;
    }
    for (const edit of edits) {
      const own = chosen.get(edit.file) ?? [];
      if (!own.some((other) => same(edit, other))) own.push(edit);
      chosen.set(edit.file, own);
    }
    fixed.push(finding);
  }
  const changes = [...chosen].flatMap(([file, edits]) => {
    const before = texts.get(file)!;
    const after = edited(before, edits);
    return after === before ? [] : [{ file, before, after }];
  });
  return { changes, fixed, postponed };
}

function obstacle(
  edits: readonly Edit[],
  chosen: ReadonlyMap<string, readonly Edit[]>,
  texts: ReadonlyMap<string, string>,
): string | undefined {
  for (const edit of edits) {
    const text = texts.get(edit.file);
    if (text === undefined) return `${edit.file} is not a file that can be edited`;
    const isInside = 0 <= edit.start && edit.start <= edit.end && edit.end <= text.length;
    if (!isInside) return `the edit of ${edit.file} lies outside of it`;
    const others = [...(chosen.get(edit.file) ?? []), ...edits.filter((other) => other.file === edit.file)];
    if (others.some((other) => other !== edit && !same(edit, other) && overlaps(edit, other))) {
      return 'another fix changes the same place; run --fix once more';
    }
  }
  return undefined;
}

const same = (a: Edit, b: Edit): boolean => a.start === b.start && a.end === b.end && a.text === b.text;

/** Two insertions at one offset count as well: which comes first would be chance. */
const overlaps = (a: Edit, b: Edit): boolean =>
  a.start < b.end && b.start < a.end ? true : a.start === b.start && (a.start === a.end || b.start === b.end);

const edited = (text: string, edits: readonly Edit[]): string =>
  [...edits]
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce((before, { start, end, text: put }) => before.slice(0, start) + put + before.slice(end), text);
