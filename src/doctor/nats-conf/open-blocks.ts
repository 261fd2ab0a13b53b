import type { ConfEntry, ConfValue } from './document.ts';

/** A block that has begun; the top of a file is one that never ends. */
export interface OpenMap {
  kind: 'map';
  start: number;
  entries: ConfEntry[];
  latest: Map<string, ConfEntry>;
}

export type Open = OpenMap | { kind: 'list'; start: number; items: ConfValue[] };

export const openMap = (start: number): OpenMap => ({ kind: 'map', start, entries: [], latest: new Map() });

/** The latest key of that name in the blocks around a place, the innermost first. */
export function latestNamed(open: readonly Open[], name: string): ConfEntry | undefined {
  for (const around of open.toReversed()) {
    const entry = around.kind === 'map' ? around.latest.get(name) : undefined;
    if (entry !== undefined) return entry;
  }
  return undefined;
}
