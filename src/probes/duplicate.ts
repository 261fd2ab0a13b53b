import type { Hop } from './hops.ts';
import { post } from './ingestion.ts';
import {
  arrival,
  carries,
  idOf,
  type Journey,
  posted,
  rowsWritten,
  statusReached,
  stored,
} from './pipeline-hops.ts';
import { pipelineProbe } from './pipeline-probe.ts';
import { sampleOf } from './sample.ts';
import { forgetful } from './target.ts';

/** The same Idempotency-Key twice: one message, one row. */
export const duplicate = pipelineProbe({
  name: 'duplicate',
  unfit: forgetful,
  hops(trip) {
    const { target, key } = trip.run;
    const sample = sampleOf(target, key);
    return [
      ...arrival(trip, { streams: [target.names.stream] }),
      posted(trip, sample.body, key),
      postedAgain(trip, sample.body, key),
      stored(trip),
      statusReached(trip, 'completed'),
      storedOnce(trip),
      ...rowsWritten(trip, sample),
    ];
  },
});

const postedAgain = (trip: Journey, body: unknown, idempotencyKey: string): Hop => ({
  name: 'POST again with the same Idempotency-Key → the same message_id',
  withinMs: 3_000,
  service: trip.run.target.api.name,
  fix: 'The API must derive the Nats-Msg-Id and the message id from the Idempotency-Key.',
  async run({ signal, see }) {
    const again = await post(trip.run.target, body, { signal, idempotencyKey });
    see({ message_id: again });
    if (again === trip.messageId) return;
    trip.run.messageIds.push(again);
    throw new Error(`expected the message_id ${idOf(trip)} again, got ${again}`);
  },
});

const storedOnce = (trip: Journey): Hop => {
  const { names, entity } = trip.run.target;
  return {
    name: `stream ${names.stream} holds it once`,
    withinMs: 2_000,
    service: 'nats',
    fix: `The duplicate_window of ${names.stream} must cover the time between two tries.`,
    async run({ see }) {
      const nats = await trip.run.nats();
      const subject = `${names.subjectPrefix}.${entity.name}`;
      const copies: number[] = [];
      for (let fromSeq = (trip.sequence ?? 0) + 1; ; ) {
        const message = await nats.getMessage(names.stream, { fromSeq, subject });
        if (message === null) break;
        fromSeq = message.seq + 1;
        if (carries(trip, message.text)) copies.push(message.seq);
      }
      see({ sequence: trip.sequence, copies });
      trip.run.stored.push(...copies.map((seq) => ({ stream: names.stream, seq })));
      if (copies.length > 0) throw new Error(`expected one message, found copies at ${copies.join(', ')}`);
    },
  };
};
