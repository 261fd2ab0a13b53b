import type * as z from 'zod';
import { SIZE_UNITS } from '../topology/sizes.ts';
import {
  choice,
  duration,
  list,
  orWord,
  positiveDuration,
  size,
  streamName,
  subject,
  text,
  type Word,
  whole,
} from './scalars.ts';
import { section } from './section.ts';

/** nats-server keeps max_msg_size in 32 signed bits. */
const MAX_MSG_SIZE = { max: 2 ** 31 - 1, most: '2GiB less one byte' };
const COUNT_EXPECTED = 'a whole number of at least 1';

/** The fields of a stream without their defaults: a service's own code sets some of them and not others. */
export const streamFields = {
  subjects: list(subject(), 'subjects').min(1, { error: 'expected at least one subject' }),
  storage: choice(['file', 'memory']),
  retention: choice(['limits', 'interest', 'workqueue']),
  discard: choice(['old', 'new']),
  max_bytes: orWord('unlimited', -1, size(), `a size such as 512MiB or 10G (units: ${SIZE_UNITS})`),
  max_age: orWord('forever', 0, duration(), 'a duration with its unit, such as 24h,'),
  max_msgs: orWord('unlimited', -1, whole(), COUNT_EXPECTED),
  max_msg_size: orWord('unlimited', -1, size(MAX_MSG_SIZE), 'a size with its unit, such as 64KiB,'),
  duplicate_window: positiveDuration(),
  replicas: whole({ max: 5 }),
  placement: list(text({ pattern: /^\S+$/u, expected: 'a tag without spaces, such as az:1' }), 'tags'),
};

/** What a stream and a family of streams have in common. */
const storedShape = {
  subjects: streamFields.subjects.describe('Subjects that the stream keeps. No two streams may share one.'),
  storage: streamFields.storage.prefault('file').describe('Where messages are kept.'),
  retention: streamFields.retention
    .prefault('limits')
    .describe(
      'limits: until max_age or max_bytes. interest: until every consumer has it. workqueue: until acked.',
    ),
  discard: streamFields.discard
    .prefault('old')
    .describe('When the stream is full: drop the oldest message, or refuse the new one.'),
  max_bytes: streamFields.max_bytes.describe(
    'What the stream may grow to. JetStream reserves it when the stream is created, so the sum over all file streams must fit nats.max_file_store. unlimited reserves nothing and promises nothing.',
  ),
  max_age: streamFields.max_age.prefault('forever').describe('How long a message is kept.'),
  max_msgs: streamFields.max_msgs.prefault('unlimited').describe('How many messages are kept.'),
  max_msg_size: streamFields.max_msg_size
    .prefault('unlimited')
    .describe('The largest message that the stream takes.'),
  duplicate_window: streamFields.duplicate_window
    .optional()
    .describe('How long a message id is remembered. Default: 2m, or max_age when that is shorter.'),
  replicas: streamFields.replicas
    .optional()
    .describe('Copies of the stream, each on another server. Default: 1 with one server, 3 in a cluster.'),
  placement: streamFields.placement
    .prefault([])
    .describe('Tags that every server with a copy must have; devenv gives its servers az:1, az:2, …'),
};

const account = text({ pattern: /^\S+$/u, expected: 'the name of an account' })
  .optional()
  .describe('The account it is in. Default: the first one.');

/** One entry of `streams:`. */
export const streamSettings = section({
  name: streamName().describe('Name of the stream.'),
  account,
  ...storedShape,
});

const FAMILY_NAME: Word = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  pattern: /^[^\s.*>/\\{}\u0000-\u001f\u007f]*\{[A-Za-z][A-Za-z0-9_]*\}[^\s.*>/\\{}\u0000-\u001f\u007f]*$/u,
  expected: 'a stream name with one placeholder in braces, such as chat_{channel}_moderation',
};

const MEMBER: Word = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  pattern: /^[^\s.*>/\\{}\u0000-\u001f\u007f]{1,64}$/u,
  expected: 'a word without spaces, ".", "*", ">", "/" and braces',
};

/** One entry of `families:`: a stream for each channel, tenant, … */
export const familySettings = section({
  name: text(FAMILY_NAME).describe('Name of each stream, with the placeholder: chat_{channel}_moderation'),
  account,
  members: list(text(MEMBER), 'words')
    .prefault([])
    .describe('What the placeholder stands for; a stream is made for each.'),
  at_most: whole()
    .optional()
    .describe('How many members there may be in the end; that many are budgeted for. Default: those listed.'),
  ...storedShape,
});

const consumerFields = {
  filter_subjects: list(subject(), 'subjects'),
  ack_wait: positiveDuration(),
  max_deliver: orWord('unlimited', -1, whole(), COUNT_EXPECTED),
  backoff: list(positiveDuration(), 'durations'),
  max_ack_pending: whole(),
  deliver_policy: choice(['all', 'new', 'last']),
  inactive_threshold: orWord('never', 0, positiveDuration(), 'a duration with its unit, such as 1h,'),
};

/** One entry of `consumers:`. */
export const consumerSettings = section({
  stream: streamName().describe('The stream it reads; the name of a family means one on each member.'),
  name: streamName().describe('Durable name. Declared consumers are pull consumers with explicit acks.'),
  filter_subjects: consumerFields.filter_subjects
    .prefault([])
    .describe('Only these subjects of the stream; empty = all.'),
  ack_wait: consumerFields.ack_wait
    .prefault('30s')
    .describe('How long a delivery may take before it is repeated.'),
  max_deliver: consumerFields.max_deliver
    .prefault(5)
    .describe('Deliveries of one message before it is given up (and goes to the dead letters).'),
  backoff: consumerFields.backoff
    .prefault([])
    .describe('Delay before each redelivery; the last one repeats. No longer than max_deliver.'),
  max_ack_pending: consumerFields.max_ack_pending
    .prefault(1000)
    .describe('Messages that may be delivered and not yet acked.'),
  deliver_policy: consumerFields.deliver_policy.prefault('all').describe('Where a new consumer begins.'),
  inactive_threshold: consumerFields.inactive_threshold
    .prefault('never')
    .describe('The server deletes the consumer after so long without a client.'),
});

const optional = <Shape extends Readonly<Record<string, z.ZodType>>>(shape: Shape, of: string) =>
  Object.fromEntries(
    Object.entries(shape).map(([key, field]) => [key, field.optional().describe(`As in ${of}:`)]),
  ) as {
    [Key in keyof Shape]: z.ZodOptional<Shape[Key]>;
  };

/** What a service's own code creates when it starts: only what that code sets. Never applied by devenv. */
export const createdSettings = section({
  streams: list(
    section({ name: streamName().describe('Name of the stream.'), ...optional(streamFields, 'streams') }),
    'streams',
  )
    .prefault([])
    .describe('Streams, with the fields that the code sets.'),
  consumers: list(
    section({
      stream: streamName().describe('The stream it reads.'),
      name: streamName().describe('Durable name.'),
      ...optional(consumerFields, 'consumers'),
    }),
    'consumers',
  )
    .prefault([])
    .describe('Consumers, with the fields that the code sets.'),
});

export type FamilySettings = z.output<typeof familySettings>;
export type ConsumerSettings = z.output<typeof consumerSettings>;
export type CreatedSettings = z.output<typeof createdSettings>;
