import { givenUpLive } from '../../live/given-up.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import { consumedStreams } from '../streams/streams-of-consumers.ts';
import { capturingStreams, hearsOfGivenUp, looksLikeDeadLetters } from './dead-letters.ts';
import { workersIn } from './declared-work.ts';

export const k09NoDeadLetters = defineRule({
  id: 'K09',
  title: 'given-up messages go nowhere',
  severity: 'warning',
  meaning:
    'A message that was delivered max_deliver times without an ack is never delivered again, and nobody is told.',
  cause:
    'The server gives a message up after max_deliver deliveries. It stays in the stream, counts neither as pending nor ' +
    'as unacked, and the only trace is a notice on $JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES. Unless the worker puts ' +
    'it somewhere else on its last delivery, it is lost to everybody who looks at the numbers.',
  fix:
    'Declare a stream for dead letters, let the worker publish to it on the last delivery (and only then term the ' +
    'message), and list that subject under publishes. Or keep the notices in a stream, or write max_deliver: unlimited.',
  symptoms: [
    'Unprocessed Messages: 0',
    'a message is in the stream, and the consumer shows nothing pending and nothing unacked',
    '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES',
  ],
  *static(facts) {
    const { project } = facts;
    if (project === null) return;
    const workersOf = workersIn(project);
    const told = new Set<string>();
    for (const consumer of writtenConsumers(facts)) {
      const { account, name, fields } = consumer;
      const [stream] = consumer.streams;
      if (account === null || stream === undefined || (fields.maxDeliver ?? -1) <= 0) continue;
      // On a stream that there is not, nothing is given up; S10 says so.
      if (!consumedStreams(facts).some((each) => each.name === stream && each.account === account)) continue;
      const workers = workersOf(consumer);
      const saves = workers.some(({ actor }) =>
        actor.role.publishes.some(
          (pattern) =>
            capturingStreams(project, account, pattern).some((other) => !consumer.streams.includes(other)) ||
            // Meant for dead letters, and caught by no stream: K14 says so.
            looksLikeDeadLetters(pattern),
        ),
      );
      if (saves || hearsOfGivenUp(project, account, stream, name)) continue;
      const who =
        workers.length === 0
          ? 'nobody who works it is declared'
          : `${workers.map(({ actor }) => actor.title).join(', ')} ${workers.length === 1 ? 'publishes' : 'publish'} to no other stream`;
      const place = consumer.place(consumer.isWritten('maxDeliver') ? 'maxDeliver' : undefined);
      // The members of a family say the same.
      if (told.size === told.add(placeText(place)).size) continue;
      yield {
        place,
        cause: `${consumer.title} gives a message up after ${fields.maxDeliver} ${fields.maxDeliver === 1 ? 'delivery' : 'deliveries'}, and ${who}: it stays in ${stream}, neither pending nor unacked.`,
        fix:
          `Declare a stream for dead letters, for example with subjects ["${stream.toLowerCase()}.dlq.>"] where no other ` +
          'stream takes them, and add its subject to publishes of the worker.',
      };
    }
  },
  live: givenUpLive,
});
