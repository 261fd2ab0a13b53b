import type { LiveConsumer, LiveStream } from '../../../topology/live.ts';
import { formatSize } from '../../../topology/sizes.ts';
import { covers } from '../../../topology/subjects.ts';
import type { LiveFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { consumerTitle, counted, object, type StreamInAccount, streamsOf } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** R09: a stream at its limit refuses messages, or drops some that nobody has read. */
export const r09FullStream = defineRule({
  id: 'R09',
  title: 'full stream refuses or drops messages',
  severity: 'error',
  meaning:
    'A stream has reached its limits: with `discard: new` it refuses messages, with `discard: old` it drops the oldest, read or not.',
  cause:
    'Limits (max_bytes, max_msgs, max_age) know nothing of consumers. When a worker is slower than its publishers for long enough, `discard: new` ' +
    'makes publishers fail with 10077, and `discard: old` removes messages that no consumer has got, without a word.',
  fix: 'Make the limits larger, the workers faster or more, or declare `retention: workqueue`, which keeps a message until it is acked (within the limits).',
  symptoms: [
    'maximum messages exceeded',
    'maximum bytes exceeded',
    'messages disappear that no worker has seen',
  ],
  codes: [10077],
  *live(facts) {
    for (const found of streamsOf(facts)) {
      if (found.stream.discard === 'new') yield* refused(found);
      for (const consumer of found.consumers) yield* dropped(facts, found, consumer);
    }
  },
});

function* refused({ stream, title }: StreamInAccount): Iterable<Report> {
  const { messages, bytes, maxMsgs, maxBytes } = stream;
  const place = object(title);
  const fix = `Raise the limit of ${stream.name}, let its consumers catch up or purge it; \`discard: old\` drops the oldest messages instead of refusing new ones.`;
  if (maxMsgs > 0 && messages >= maxMsgs)
    yield {
      place,
      cause: `${stream.name} holds all of the ${counted(maxMsgs, 'message')} that max_msgs allows and refuses more (discard: new).`,
      fix,
    };
  else if (maxBytes > 0 && messages > 0 && bytes + bytes / messages > maxBytes)
    yield {
      place,
      cause: `${stream.name} holds ${formatSize(bytes)} of max_bytes ${formatSize(maxBytes)}: another message of usual size is refused (discard: new).`,
      fix,
      symptom: 'maximum bytes exceeded',
    };
}

/**
 * Removed before it was delivered: the stream begins behind what the consumer has got. The ack floor alone does not tell,
 * because that of a new consumer is 0, whereas its delivered sequence begins right before its first message.
 */
function* dropped(
  facts: LiveFacts,
  { account, stream }: StreamInAccount,
  consumer: LiveConsumer,
): Iterable<Report> {
  const count = stream.firstSeq - 1 - Math.max(consumer.delivered, consumer.ackFloor);
  if (count <= 0 || !wantsAll(consumer, stream)) return;
  yield {
    place: object(consumerTitle(facts, account, consumer)),
    severity: 'warning',
    cause: `${stream.name} begins at ${stream.firstSeq}, and ${consumer.name} has got messages up to ${consumer.delivered}: ${counted(count, 'message')} in between ${count === 1 ? 'was' : 'were'} removed before anybody read ${count === 1 ? 'it' : 'them'}.`,
    fix: `Raise max_bytes, max_msgs or max_age of ${stream.name}, or run more workers on ${consumer.name}; those messages are gone.`,
    symptom: 'messages disappear that no worker has seen',
  };
}

/** With a filter, what was removed may have been of no concern to it. */
const wantsAll = ({ filterSubjects }: LiveConsumer, { subjects }: LiveStream): boolean =>
  filterSubjects.length === 0 ||
  subjects.every((subject) => filterSubjects.some((filter) => covers(filter, subject)));
