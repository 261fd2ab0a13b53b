import { formatDuration } from './durations.ts';
import type { LiveConsumer } from './live.ts';
import type { Consumer } from './model.ts';
import { SubjectTree } from './subject-tree.ts';
import { type FieldDifference, immutable, plain } from './topology-change.ts';

/** Field by field, declared against live. What the server refuses to change: error 10012, nats-server consumer.go. */
export function consumerDifferences(declared: Consumer, live: LiveConsumer): FieldDifference[] {
  // The server replaces ack_wait by the first backoff, so that is what it reports.
  const ackWait = declared.backoff[0] ?? declared.ackWait;
  return [
    fixed('delivery', 'pull', live.delivery, live),
    fixed('durable', 'yes', live.durable ? 'yes' : 'no', live),
    fixed('ack_policy', 'explicit', live.ackPolicy, live),
    fixed('deliver_policy', declared.deliverPolicy, live.liveDeliverPolicy, live),
    filters(declared, live),
    plain('ack_wait', ackWait, live.ackWait, formatDuration),
    plain('max_deliver', declared.maxDeliver, live.maxDeliver, count),
    plain('backoff', delays(declared.backoff), delays(live.backoff), String),
    plain('max_ack_pending', declared.maxAckPending, live.maxAckPending, count),
    plain('inactive_threshold', declared.inactiveThreshold, live.inactiveThreshold, inactivity),
  ]
    .filter((difference) => difference !== undefined)
    .map((difference) => ({ ...difference, rule: 'S09' }));
}

const fixed = (
  field: string,
  declared: string,
  live: string,
  { delivered, ackPending }: LiveConsumer,
): FieldDifference | undefined =>
  declared === live
    ? undefined
    : immutable(field, declared, live, {
        reason: `the server cannot change the ${field} of an existing consumer`,
        rule: 'S09',
        cost:
          delivered === 0
            ? undefined
            : `its position (delivered up to ${delivered}${ackPending === 0 ? '' : `, ${ackPending} unacked`})`,
      });

/** Narrowing a filter loses no message of the stream, but the ones left out never reach this consumer. */
function filters(declared: Consumer, live: LiveConsumer): FieldDifference | undefined {
  const difference = plain(
    'filter_subjects',
    list(declared.filterSubjects),
    list(live.filterSubjects),
    String,
  );
  if (difference === undefined || declared.filterSubjects.length === 0) return difference;
  const kept = new SubjectTree<true>();
  for (const pattern of declared.filterSubjects) kept.add(pattern, true);
  const before = live.filterSubjects.length === 0 ? ['>'] : live.filterSubjects;
  const dropped = before.filter((pattern) => !kept.coversAll(pattern));
  if (dropped.length === 0) return difference;
  const what = dropped.includes('>') ? 'on other subjects' : `on ${dropped.join(', ')}`;
  return { ...difference, reason: `messages ${what} would no longer be delivered to it` };
}

const count = (value: number): string => (value < 0 ? 'no limit' : String(value));
const inactivity = (ms: number): string => (ms === 0 ? 'never' : formatDuration(ms));
const delays = (values: readonly number[]): string => values.map(formatDuration).join(', ') || 'none';
const list = (values: readonly string[]): string => [...values].sort().join(', ') || 'every subject';
