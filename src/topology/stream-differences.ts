import { formatDuration } from './durations.ts';
import type { LiveStream } from './live.ts';
import type { Stream } from './model.ts';
import { formatSize } from './sizes.ts';
import { SubjectTree } from './subject-tree.ts';
import { intersects } from './subjects.ts';
import { dangerous, type FieldDifference, immutable, plain, update } from './topology-change.ts';

/** What a stream is compared beside. */
export interface StreamSurroundings {
  /** Every declared stream of the account. */
  streams: readonly Stream[];
  /** Of the server: `2.10.27`. Default: one that knows all that devenv does. */
  natsVersion?: string | undefined;
}

/** Field by field, declared against live. What the server refuses to change: error 10052, nats-server stream.go. */
export function streamDifferences(
  declared: Stream,
  live: LiveStream,
  around: StreamSurroundings = { streams: [declared] },
): FieldDifference[] {
  return [
    declared.storage === live.storage
      ? undefined
      : immutable('storage', declared.storage, live.storage, fixed('storage', live)),
    retention(declared, live, around),
    subjects(declared, live, around),
    maxBytes(declared, live, around),
    maxAge(declared, live),
    maxMsgs(declared, live, around),
    plain('max_msg_size', declared.maxMsgSize, live.maxMsgSize, bytes),
    plain('discard', declared.discard, live.discard, String),
    plain('duplicate_window', declared.duplicateWindow, live.duplicateWindow, formatDuration),
    plain('replicas', declared.replicas, live.replicas, String),
    plain('placement', tags(declared.placement), tags(live.placement), String),
  ]
    .filter((difference) => difference !== undefined)
    .map((difference) => ({ rule: 'S02', ...difference }));
}

const fixed = (field: string, live: LiveStream) => ({
  reason: `the server cannot change the ${field} of an existing stream`,
  rule: 'S15',
  cost: live.messages === 0 ? undefined : `${messages(live.messages)} (${formatSize(live.bytes)})`,
});

/** To and from workqueue never; between the others since 2.10 (nats-server stream.go, `configUpdateCheck`). */
function retention(
  declared: Stream,
  live: LiveStream,
  { natsVersion }: StreamSurroundings,
): FieldDifference | undefined {
  const texts = ['retention', declared.retention, live.retention] as const;
  if (declared.retention === live.retention) return undefined;
  const isFixed = [declared.retention, live.retention].includes('workqueue') || isBefore210(natsVersion);
  if (isFixed) return immutable(...texts, fixed('retention', live));
  if (declared.retention === 'limits' || live.messages === 0) return { ...update(...texts), rule: 'S15' };
  // 2.15.1 deletes them with the update, 2.10.27 leaves them for later.
  return dangerous(...texts, 'messages that no consumer waits for would be removed', 'S15');
}

function isBefore210(version: string | undefined): boolean {
  const [major, minor] = (version ?? '').split('.').map(Number);
  return major === 2 && minor !== undefined && minor < 10;
}

function subjects(
  declared: Stream,
  live: LiveStream,
  { streams }: StreamSurroundings,
): FieldDifference | undefined {
  const kept = new SubjectTree<true>();
  for (const pattern of declared.subjects) kept.add(pattern, true);
  const dropped = live.subjects.filter((subject) => !kept.coversAll(subject));
  const texts = [list(declared.subjects), list(live.subjects)] as const;
  if (dropped.length === 0) return plain('subjects', ...texts, String);
  const takers = streams.filter(
    (stream) =>
      stream.name !== declared.name &&
      stream.subjects.some((pattern) => dropped.some((subject) => intersects(pattern, subject))),
  );
  const instead =
    takers.length === 0 ? 'stored' : `stored here, but in ${takers.map(({ name }) => name).join(', ')}`;
  const reason = `messages on ${dropped.join(', ')} would no longer be ${instead}`;
  return dangerous('subjects', ...texts, reason, 'S03');
}

function maxBytes(
  declared: Stream,
  live: LiveStream,
  { natsVersion }: StreamSurroundings,
): FieldDifference | undefined {
  if (declared.maxBytes === live.maxBytes) return undefined;
  const texts = [bytes(declared.maxBytes), bytes(live.maxBytes)] as const;
  if (declared.maxBytes < 0 || declared.maxBytes >= live.bytes) return update('max_bytes', ...texts);
  const holds = `it holds ${messages(live.messages)} (${formatSize(live.bytes)})`;
  if (keepsAll(declared, live, natsVersion))
    return { ...update('max_bytes', ...texts), reason: refusing(holds) };
  const gone = Math.ceil(live.messages * (1 - declared.maxBytes / live.bytes));
  return dangerous('max_bytes', ...texts, `${holds}; about ${gone} of the oldest messages would be removed`);
}

/** Seen on 2.10.27 and 2.15.1; 2.9.10 removes messages all the same. A change of both at once is not relied upon. */
const keepsAll = (declared: Stream, live: LiveStream, natsVersion: string | undefined): boolean =>
  declared.discard === 'new' && live.discard === 'new' && !isBefore210(natsVersion);

const refusing = (holds: string): string => `${holds}, so that it would refuse new messages (discard: new)`;

function maxAge(declared: Stream, live: LiveStream): FieldDifference | undefined {
  if (declared.maxAge === live.maxAge) return undefined;
  const texts = [age(declared.maxAge), age(live.maxAge)] as const;
  const expires = declared.maxAge > 0 && live.messages > 0 && live.oldestAgeMs > declared.maxAge;
  if (expires)
    return dangerous('max_age', ...texts, 'stored messages are older than that and would be removed');
  return update('max_age', ...texts);
}

function maxMsgs(
  declared: Stream,
  live: LiveStream,
  { natsVersion }: StreamSurroundings,
): FieldDifference | undefined {
  if (declared.maxMsgs === live.maxMsgs) return undefined;
  const texts = [count(declared.maxMsgs), count(live.maxMsgs)] as const;
  if (declared.maxMsgs < 0 || declared.maxMsgs >= live.messages) return update('max_msgs', ...texts);
  const holds = `it holds ${messages(live.messages)}`;
  if (keepsAll(declared, live, natsVersion))
    return { ...update('max_msgs', ...texts), reason: refusing(holds) };
  const gone = live.messages - declared.maxMsgs;
  return dangerous('max_msgs', ...texts, `${holds}; ${gone} of the oldest messages would be removed`);
}

const count = (value: number): string => (value < 0 ? 'no limit' : String(value));
const bytes = (value: number): string => (value < 0 ? 'no limit' : formatSize(value));
const age = (ms: number): string => (ms === 0 ? 'for ever' : formatDuration(ms));
const tags = (values: readonly string[]): string => list(values) || 'none';
const messages = (count: number): string => `${count} ${count === 1 ? 'message' : 'messages'}`;
/** Order means nothing to the server. */
const list = (values: readonly string[]): string => [...values].sort().join(', ');
