import type { Stream } from '../../topology/model.ts';
import { onceFor } from '../once.ts';

/** One entry of a list in devenv.yaml, with everything that it became in the topology. */
export interface FileEntry<T> {
  /** In the list of the file. */
  index: number;
  /** What it names: a stream, or the family of the streams that it became. */
  stream: string;
  items: readonly [T, ...T[]];
}

/**
 * An entry that names a family becomes one item for each member, so that places in the topology and places in the file
 * drift apart; this brings them together again. `written` is the list as it stands in the file, undefined for a default.
 */
export function fileEntries<T extends { stream: string }>(
  items: readonly T[],
  written: unknown,
  streams: readonly Stream[],
): FileEntry<T>[] {
  const names = Array.isArray(written) ? written.map(streamNameOf) : items.map(({ stream }) => stream);
  const counts = countsOf(streams);
  let taken = 0;
  return names.flatMap((stream, index) => {
    const members = stream === undefined ? 0 : (counts.get(stream) ?? 0);
    const [first, ...rest] = items.slice(taken, taken + Math.max(1, members));
    if (first === undefined) return [];
    taken += 1 + rest.length;
    return [{ index, stream: stream ?? first.stream, items: [first, ...rest] as const }];
  });
}

/** How many streams a name stands for: its own, or the members of the family. */
const countsOf = onceFor((streams: readonly Stream[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { name, family } of streams) {
    for (const one of new Set([name, family ?? name])) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return counts;
});

/** `MESSAGES/workers`, `{consumer: MESSAGES/workers}` and `{stream: MESSAGES, name: workers}` all name MESSAGES. */
function streamNameOf(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry.split('/')[0];
  if (typeof entry !== 'object' || entry === null) return undefined;
  if ('consumer' in entry) return streamNameOf(entry.consumer);
  return 'stream' in entry && typeof entry.stream === 'string' ? entry.stream : undefined;
}
