import * as z from 'zod';
import { choice, list, positiveDuration, streamName, subjectPattern, text, whole } from './scalars.ts';
import { section } from './section.ts';

/** What somebody does with subjects: of a service, and of a user of an account. The least permissions follow. */
const subjects = (what: string) => list(subjectPattern(), 'subjects').optional().describe(what);

const CONSUMER_EXPECTED = 'expected a consumer as STREAM/NAME, such as MESSAGES/workers';

/** `MESSAGES/workers`: a name holds no slash, so the two cannot be mistaken. */
export const consumerReference = () =>
  z
    .string({ error: CONSUMER_EXPECTED })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    .regex(/^[^\s*>/\\\u0000-\u001f\u007f]{1,255}\/[^\s*>/\\\u0000-\u001f\u007f]{1,255}$/u, {
      error: `not allowed; ${CONSUMER_EXPECTED}`,
    });

const workSettings = section({
  consumer: consumerReference().describe('The durable consumer, as STREAM/NAME.'),
  handler_time: positiveDuration().optional().describe('The longest that the handler takes for one message.'),
  prefetch: whole().optional().describe('Messages fetched at once.'),
  expires: positiveDuration().optional().describe('How long one pull request waits.'),
  idle_heartbeat: positiveDuration().optional().describe('How often the server says that it is still there.'),
  extends_ack_wait: z
    .boolean({ error: 'expected true or false' })
    .optional()
    .describe('It says working() while it handles, so that ack_wait does not run out.'),
  idempotent: z
    .boolean({ error: 'expected true or false' })
    .optional()
    .describe('A message that is delivered twice changes nothing the second time.'),
});

const WORK_EXPECTED = 'expected STREAM/NAME, or a map with consumer: STREAM/NAME and how it is worked';

const work = z
  .union([consumerReference(), workSettings], { error: WORK_EXPECTED })
  .transform((written) => (typeof written === 'string' ? { consumer: written } : written));

export const roleShape = {
  publishes: subjects('Subjects that it publishes to; * and {word} stand for one word, > for the rest.'),
  message_ids: z
    .boolean({ error: 'expected true or false' })
    .optional()
    .describe('It gives each message an id, and sends it again with the same id until the answer comes.'),
  subscribes: subjects('Subjects that it subscribes to on core NATS.'),
  works: list(work, 'consumers').optional().describe('Durable consumers that it pulls from: STREAM/NAME.'),
  requests: subjects('Subjects that it sends requests to.'),
  serves: subjects('Subjects on which it answers requests.'),
  observes: list(streamName(), 'streams')
    .optional()
    .describe(
      'Streams that it reads without changing them: state, notices, messages; with ordered consumers where retention is limits.',
    ),
  inbox_prefix: text({
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    pattern: /^[^\s.*>$\u0000-\u001f\u007f][^\s.*>\u0000-\u001f\u007f]*(\.[^\s.*>\u0000-\u001f\u007f]+)*$/u,
    expected: 'a word, or words separated by dots, such as _INBOX or _INBOX_api',
  })
    .optional()
    .describe('How the subjects of its replies begin, as its client is told. Default: _INBOX'),
};

export const userSettings = section({
  auth: choice(['password', 'bcrypt', 'nkey'])
    .prefault('password')
    .describe(
      'How it logs in. bcrypt: a password of which the server knows only the hash. nkey: a key pair of which the server knows only the public half.',
    ),
  ...roleShape,
});

export type WorkSettings = z.output<typeof workSettings>;
export type UserSettings = z.output<typeof userSettings>;
export type RoleSettings = Omit<UserSettings, 'auth'>;
