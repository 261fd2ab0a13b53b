/**
 * Where a run may leave messages and rows, written down before it sends any: a probe that is killed cannot clean up,
 * and its key alone does not say whether it still runs.
 */
export interface Mark {
  /** `PROBE-flow-…`: what its messages carry, and what the keys of its rows begin with. */
  key: string;
  /** ISO 8601 */
  since: string;
  /** Everything of these subjects behind `afterSeq` may be of this run. */
  places: readonly { stream: string; subject: string; afterSeq: number }[];
  /** Of status rows whose message may be gone from its stream by now. */
  messageIds: readonly string[];
}

export interface Marks {
  /** Replaces what was written under the same key. */
  write(mark: Mark): Promise<void>;
  erase(key: string): Promise<void>;
  /** Those whose writer runs no more, however it ended. */
  orphans(): Promise<readonly Mark[]>;
}

/** 20 hexadecimal digits at the end: no two runs share a key, and none begins with another's. */
export const KEY_PATTERN = /^PROBE-[a-z]+-[0-9a-f]{20}$/;

/** Null when this is not a mark. */
export function markOf(value: unknown): Mark | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, since, places, messageIds } = value as Partial<Record<keyof Mark, unknown>>;
  const sound =
    typeof key === 'string' &&
    KEY_PATTERN.test(key) &&
    typeof since === 'string' &&
    !Number.isNaN(Date.parse(since)) &&
    Array.isArray(places) &&
    places.every(isPlace) &&
    Array.isArray(messageIds) &&
    messageIds.every((id) => typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id));
  return sound ? { key, since, places, messageIds } : null;
}

const isPlace = (value: unknown): value is Mark['places'][number] => {
  if (typeof value !== 'object' || value === null) return false;
  const { stream, subject, afterSeq } = value as Record<string, unknown>;
  return typeof stream === 'string' && typeof subject === 'string' && Number.isSafeInteger(afterSeq);
};
