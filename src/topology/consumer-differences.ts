import { formatDuration } from './durations.ts';
import type { LiveConsumer } from './live.ts';
import type { Consumer } from './model.ts';
import { type FieldDifference, immutable, plain } from './topology-change.ts';

/** Field by field, declared against live. What the server refuses to change: error 10012, nats-server consumer.go. */
export function consumerDifferences(declared: Consumer, live: LiveConsumer): FieldDifference[] {
  // The server replaces ack_wait by the first backoff, so that is what it reports.
  const ackWait = declared.backoff[0] ?? declared.ackWait;
  return [
    fixed('delivery', 'pull', live.delivery),
    fixed('durable', 'yes', live.durable ? 'yes' : 'no'),
    fixed('ack_policy', 'explicit', live.ackPolicy),
    fixed('deliver_policy', declared.deliverPolicy, live.liveDeliverPolicy),
    plain('filter_subjects', list(declared.filterSubjects), list(live.filterSubjects), String),
    plain('ack_wait', ackWait, live.ackWait, formatDuration),
    plain('max_deliver', declared.maxDeliver, live.maxDeliver, count),
    plain('backoff', delays(declared.backoff), delays(live.backoff), String),
    plain('max_ack_pending', declared.maxAckPending, live.maxAckPending, count),
  ].filter((difference) => difference !== undefined);
}

const fixed = (field: string, declared: string, live: string): FieldDifference | undefined =>
  declared === live
    ? undefined
    : immutable(field, declared, live, `the server cannot change the ${field} of an existing consumer`);

const count = (value: number): string => (value < 0 ? 'no limit' : String(value));
const delays = (values: readonly number[]): string => values.map(formatDuration).join(', ') || 'none';
const list = (values: readonly string[]): string => [...values].sort().join(', ') || 'every subject';
