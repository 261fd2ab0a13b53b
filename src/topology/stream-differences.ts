import { formatDuration } from './durations.ts';
import type { LiveStream } from './live.ts';
import type { Stream } from './model.ts';
import { formatSize } from './sizes.ts';
import { covers } from './subjects.ts';
import { dangerous, type FieldDifference, immutable, plain, update } from './topology-change.ts';

/** Field by field, declared against live. What the server refuses to change: error 10052, nats-server stream.go. */
export function streamDifferences(declared: Stream, live: LiveStream): FieldDifference[] {
  return [
    fixed('storage', declared.storage, live.storage),
    fixed('retention', declared.retention, live.retention),
    subjects(declared, live),
    maxBytes(declared, live),
    maxAge(declared, live),
    maxMsgs(declared, live),
    plain('max_msg_size', declared.maxMsgSize, live.maxMsgSize, bytes),
    plain('discard', declared.discard, live.discard, String),
    plain('duplicate_window', declared.duplicateWindow, live.duplicateWindow, formatDuration),
    plain('replicas', declared.replicas, live.replicas, String),
  ].filter((difference) => difference !== undefined);
}

const fixed = (field: string, declared: string, live: string): FieldDifference | undefined =>
  declared === live
    ? undefined
    : immutable(field, declared, live, `the server cannot change the ${field} of an existing stream`);

function subjects(declared: Stream, live: LiveStream): FieldDifference | undefined {
  const dropped = live.subjects.filter(
    (subject) => !declared.subjects.some((pattern) => covers(pattern, subject)),
  );
  const texts = [list(declared.subjects), list(live.subjects)] as const;
  if (dropped.length > 0) {
    const reason = `messages on ${dropped.join(', ')} would no longer be stored`;
    return dangerous('subjects', ...texts, reason);
  }
  return plain('subjects', ...texts, String);
}

function maxBytes(declared: Stream, live: LiveStream): FieldDifference | undefined {
  const texts = [bytes(declared.maxBytes), bytes(live.maxBytes)] as const;
  if (declared.maxBytes >= 0 && declared.maxBytes < live.bytes && declared.maxBytes !== live.maxBytes) {
    const reason = `it holds ${formatSize(live.bytes)}; the oldest messages would be removed`;
    return dangerous('max_bytes', ...texts, reason);
  }
  return declared.maxBytes === live.maxBytes ? undefined : update('max_bytes', ...texts);
}

function maxAge(declared: Stream, live: LiveStream): FieldDifference | undefined {
  if (declared.maxAge === live.maxAge) return undefined;
  const texts = [age(declared.maxAge), age(live.maxAge)] as const;
  const expires = declared.maxAge > 0 && live.messages > 0 && live.oldestAgeMs > declared.maxAge;
  if (expires)
    return dangerous('max_age', ...texts, 'stored messages are older than that and would be removed');
  return update('max_age', ...texts);
}

function maxMsgs(declared: Stream, live: LiveStream): FieldDifference | undefined {
  if (declared.maxMsgs === live.maxMsgs) return undefined;
  const texts = [count(declared.maxMsgs), count(live.maxMsgs)] as const;
  if (declared.maxMsgs >= 0 && declared.maxMsgs < live.messages) {
    return dangerous('max_msgs', ...texts, `it holds ${live.messages}; the oldest messages would be removed`);
  }
  return update('max_msgs', ...texts);
}

const count = (value: number): string => (value < 0 ? 'no limit' : String(value));
const bytes = (value: number): string => (value < 0 ? 'no limit' : formatSize(value));
const age = (ms: number): string => (ms === 0 ? 'for ever' : formatDuration(ms));
/** Order means nothing to the server. */
const list = (values: readonly string[]): string => [...values].sort().join(', ');
