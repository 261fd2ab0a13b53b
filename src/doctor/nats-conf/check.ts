import { checkBlock } from './blocks.ts';
import type { ConfDocument, ConfEntry, ConfSpan, ConfValue } from './document.ts';
import { type ConfFault, Site } from './fault.ts';
import { topLevel } from './fields/top-level.ts';
import { checkIdentities } from './identities.ts';
import { entryOf } from './shapes.ts';
import { checkShares } from './shares.ts';

export type { ConfFault } from './fault.ts';

/**
 * Everything that `nats-server -t` of that version refuses in the settings, in the order of the file. What the reader
 * itself refuses is in `document.problems`, and comes before all of this. Files that the settings name (certificates,
 * JWTs, folders) are not looked at. Pure; never throws.
 */
export function checkConf(document: ConfDocument, version: string): readonly ConfFault[] {
  const faults: ConfFault[] = [];
  const top = (entry: ConfEntry): Site => new Site(entry, [entry.key], version, faults);
  const value: ConfValue = { kind: 'map', entries: document.entries, span: START, raw: '' };
  const whole = new Site({ key: '', keySpan: START, value }, [], version, faults);
  checkBlock(whole, document.entries, topLevel);
  checkStoreFolders(value, top);
  checkIdentities(top, document.entries);
  // The server looks at what accounts share only when nothing else is wrong.
  if (!faults.some(({ severity }) => severity === 'error')) checkShares(value, top);
  return faults.sort(inOrder(document));
}

const START: ConfSpan = { file: '', line: 1, column: 1, start: 0, end: 0 };

/** Said at the top and in `jetstream` as well. */
function checkStoreFolders(value: ConfValue, top: (entry: ConfEntry) => Site): void {
  const isSaid = (entry: ConfEntry | undefined): entry is ConfEntry =>
    entry !== undefined && !(entry.value.kind === 'string' && entry.value.value === '');
  const outside = ['store_dir', 'storedir'].map((name) => entryOf(value, name)).filter(isSaid);
  const jetstream = entryOf(value, 'jetstream');
  const inside = ['store_dir', 'store', 'storedir']
    .map((name) => (jetstream === undefined ? undefined : entryOf(jetstream.value, name)))
    .filter(isSaid);
  const message = "Duplicate 'store_dir' configuration";
  for (const entry of outside.slice(1))
    top(entry).report({ code: 'duplicate', message, at: entry.keySpan, other: outside[0]!.keySpan });
  if (outside[0] !== undefined && inside[0] !== undefined)
    top(jetstream!)
      .inside(inside[0])
      .report({ code: 'duplicate', message, at: inside[0].keySpan, other: outside[0].keySpan });
}

/** By file, in the order in which the files are read, then by place. */
function inOrder(document: ConfDocument): (a: ConfFault, b: ConfFault) => number {
  const files = [...document.sources.keys()];
  const rank = ({ span }: ConfFault): number => files.indexOf(span.file);
  return (a, b) => rank(a) - rank(b) || a.span.start - b.span.start;
}

export type ConfVerdict =
  | { ok: true }
  | { ok: false; first: { message: string; span: ConfSpan }; stopsServer: boolean };

/** What `nats-server -t` would say. A warning fails `-t`, yet lets the server start. */
export function confVerdict(document: ConfDocument, version: string): ConfVerdict {
  const [problem] = document.problems;
  if (problem !== undefined) return { ok: false, first: problem, stopsServer: problem.code !== 'empty' };
  const faults = checkConf(document, version);
  const first = faults.find(({ severity }) => severity === 'error') ?? faults[0];
  return first === undefined ? { ok: true } : { ok: false, first, stopsServer: first.severity === 'error' };
}
