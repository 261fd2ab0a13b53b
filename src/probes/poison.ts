import { DEAD_LETTER } from './dead-letter-headers.ts';
import type { Hop } from './hops.ts';
import { arrival, deadLettered, type Journey } from './pipeline-hops.ts';
import { pipelineProbe } from './pipeline-probe.ts';

/** Bytes that nobody can parse end in the dead letter stream, with where they came from. */
export const poison = pipelineProbe({
  name: 'poison',
  hops(trip) {
    const { names } = trip.run.target;
    const body = `{"poison": "${trip.run.key}", this is not JSON`;
    return [
      ...arrival(trip, { api: false, streams: [names.stream, names.dlqStream] }),
      published(trip, body),
      deadLettered(
        trip,
        // By its sequence or by its bytes: a wrong one of the two is then reported, not passed over.
        ({ text, headers }) => text === body || headers[DEAD_LETTER.sequence] === String(trip.sequence),
        ({ text }) => {
          if (text !== body) throw new Error(`expected the original bytes, found ${JSON.stringify(text)}`);
        },
      ),
    ];
  },
});

const published = (trip: Journey, body: string): Hop => {
  const { names, entity } = trip.run.target;
  const subject = `${names.subjectPrefix}.${entity.name}`;
  return {
    name: `publish to ${subject} → ack of ${names.stream}`,
    withinMs: 2_000,
    service: 'nats',
    fix: `The stream ${names.stream} must capture ${names.subjectPrefix}.>: compare with \`devenv status\`.`,
    async run({ see }) {
      const nats = await trip.run.nats();
      const ack = await nats.publish(subject, body, { messageId: trip.run.key, expectStream: names.stream });
      trip.sequence = ack.seq;
      trip.run.stored.push({ stream: ack.stream, seq: ack.seq });
      see({ subject, sequence: ack.seq });
    },
  };
};
