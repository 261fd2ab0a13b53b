import { AckPolicy, type ConsumerConfig, type ConsumerInfo } from '@nats-io/jetstream';
import { millis, nanos } from '@nats-io/transport-node';
import type { LiveConsumer } from '../../topology/live.ts';
import type { Consumer } from '../../topology/model.ts';

/**
 * The model's consumer as the server wants it: pull, explicit acks. One filter goes into `filter_subject`, because a
 * server before 2.10 knows no list; the field that is not used is there as undefined, so that an update (a merge in the
 * client) clears it.
 */
export function consumerConfig(consumer: Consumer): Partial<ConsumerConfig> {
  const { filterSubjects, backoff } = consumer;
  return {
    name: consumer.name,
    durable_name: consumer.name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: consumer.deliverPolicy,
    // The server itself replaces ack_wait by the first backoff.
    ack_wait: nanos(backoff[0] ?? consumer.ackWait),
    max_deliver: consumer.maxDeliver,
    backoff: backoff.map((ms) => nanos(ms)),
    max_ack_pending: consumer.maxAckPending,
    // 0 is no limit to the server as well; it names no durable's default.
    inactive_threshold: nanos(consumer.inactiveThreshold),
    filter_subject: filterSubjects.length === 1 ? filterSubjects[0] : undefined,
    filter_subjects: filterSubjects.length > 1 ? [...filterSubjects] : undefined,
  } as Partial<ConsumerConfig>;
}

/** What the server reports as the model's consumer. */
export function liveConsumer(info: ConsumerInfo): LiveConsumer {
  const { config } = info;
  return {
    stream: info.stream_name,
    name: info.name,
    filterSubjects: config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : []),
    ackWait: millis(config.ack_wait ?? 0),
    maxDeliver: config.max_deliver ?? -1,
    backoff: (config.backoff ?? []).map((ns) => millis(ns)),
    maxAckPending: config.max_ack_pending ?? -1,
    deliverPolicy: modelled(config.deliver_policy),
    inactiveThreshold: millis(config.inactive_threshold ?? 0),
    delivery: config.deliver_subject === undefined ? 'pull' : 'push',
    ackPolicy: config.ack_policy,
    liveDeliverPolicy: config.deliver_policy,
    durable: config.durable_name !== undefined,
    pending: info.num_pending,
    ackPending: info.num_ack_pending,
    redelivered: info.num_redelivered,
    ackFloor: info.ack_floor.stream_seq,
    delivered: info.delivered.stream_seq,
  };
}

const modelled = (policy: string): Consumer['deliverPolicy'] =>
  policy === 'new' || policy === 'last' ? policy : 'all';
