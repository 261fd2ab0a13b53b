/** A stream, or `count` streams that are alike, to be put on servers. */
export interface Copies {
  /** Of one copy; -1 = no limit. */
  bytes: number;
  count: number;
  replicas: number;
  /** Tags that a server must have. */
  placement: readonly string[];
}

/** What has been put on one server. */
export interface Placed {
  reserved: number;
  unlimited: number;
}

/** What devenv's servers are tagged with, so that the copies of one stream are on different ones: `az:1`, `az:2`, … */
export const serverTags = (number: number): readonly string[] => [`az:${number}`];

/** Servers that a stream with these tags may live on, by number from 1. A server that is alone looks at no tags. */
export const eligibleServers = (placement: readonly string[], servers: number): number[] =>
  Array.from({ length: servers }, (_, index) => index + 1).filter(
    (number) => servers === 1 || placement.every((tag) => serverTags(number).includes(tag)),
  );

/**
 * Puts copies on servers one stream after another, as the meta leader does (jetstream_cluster.go, `selectPeerGroup`):
 * most available first. One entry for each server. A stream that has fewer eligible servers than copies is put on those
 * that there are; rules say so elsewhere.
 */
export function placeCopies(streams: readonly Copies[], servers: number): readonly Placed[] {
  const placed = Array.from({ length: servers }, (): Placed => ({ reserved: 0, unlimited: 0 }));
  for (const { bytes, count, replicas, placement } of streams) {
    const eligible = eligibleServers(placement, servers).map((number) => number - 1);
    const copies = Math.min(replicas, eligible.length);
    if (copies === 0) continue;
    // A family of a million members is put there in a thousand portions.
    const portion = Math.max(1, Math.ceil(count / MOST_STEPS));
    for (let left = count; left > 0; left -= portion) {
      const members = Math.min(portion, left);
      const emptiest = eligible.toSorted(
        (a, b) => placed[a]!.reserved - placed[b]!.reserved || placed[a]!.unlimited - placed[b]!.unlimited,
      );
      for (const index of emptiest.slice(0, copies)) {
        if (bytes === -1) placed[index]!.unlimited += members;
        else placed[index]!.reserved += bytes * members;
      }
    }
  }
  return placed;
}

const MOST_STEPS = 1_000;
