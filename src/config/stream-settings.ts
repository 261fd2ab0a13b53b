import type * as z from 'zod';
import {
  choice,
  duration,
  list,
  orWord,
  positiveDuration,
  size,
  streamName,
  subject,
  whole,
} from './scalars.ts';
import { section } from './section.ts';

/** nats-server keeps max_msg_size in 32 signed bits. */
const MAX_MSG_SIZE = { max: 2 ** 31 - 1, most: '2GiB less one byte' };

/** One entry of `streams:`. */
export const streamSettings = section({
  name: streamName().describe('Name of the stream.'),
  subjects: list(subject(), 'subjects')
    .min(1, { error: 'expected at least one subject' })
    .describe('Subjects that the stream keeps. No two streams may share one.'),
  storage: choice(['file', 'memory']).prefault('file').describe('Where messages are kept.'),
  retention: choice(['limits', 'interest', 'workqueue'])
    .prefault('limits')
    .describe(
      'limits: until max_age or max_bytes. interest: until every consumer has it. workqueue: until acked.',
    ),
  discard: choice(['old', 'new'])
    .prefault('old')
    .describe('When the stream is full: drop the oldest message, or refuse the new one.'),
  max_bytes: size().describe(
    'What the stream may grow to. JetStream reserves it when the stream is created, so the sum over all file streams must fit nats.max_file_store.',
  ),
  max_age: orWord('forever', 0, duration(), 'a duration with its unit, such as 24h,')
    .prefault('forever')
    .describe('How long a message is kept.'),
  max_msgs: orWord('unlimited', -1, whole(), 'a whole number of at least 1')
    .prefault('unlimited')
    .describe('How many messages are kept.'),
  max_msg_size: orWord('unlimited', -1, size(MAX_MSG_SIZE), 'a size with its unit, such as 64KiB,')
    .prefault('unlimited')
    .describe('The largest message that the stream takes.'),
  duplicate_window: positiveDuration()
    .optional()
    .describe('How long a message id is remembered. Default: 2m, or max_age when that is shorter.'),
  replicas: whole({ max: 5 }).prefault(1).describe('Copies of the stream; 1, as there is one server.'),
});

/** One entry of `consumers:`. */
export const consumerSettings = section({
  stream: streamName().describe('The stream it reads.'),
  name: streamName().describe('Durable name. Declared consumers are pull consumers with explicit acks.'),
  filter_subjects: list(subject(), 'subjects')
    .prefault([])
    .describe('Only these subjects of the stream; empty = all.'),
  ack_wait: positiveDuration()
    .prefault('30s')
    .describe('How long a delivery may take before it is repeated.'),
  max_deliver: orWord('unlimited', -1, whole(), 'a whole number of at least 1')
    .prefault(5)
    .describe('Deliveries of one message before it is given up (and goes to the dead letters).'),
  backoff: list(positiveDuration(), 'durations')
    .prefault([])
    .describe('Delay before each redelivery; the last one repeats. No longer than max_deliver.'),
  max_ack_pending: whole().prefault(1000).describe('Messages that may be delivered and not yet acked.'),
  deliver_policy: choice(['all', 'new', 'last']).prefault('all').describe('Where a new consumer begins.'),
});

export type StreamSettings = z.output<typeof streamSettings>;
export type ConsumerSettings = z.output<typeof consumerSettings>;
