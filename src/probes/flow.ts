import type { AckWatch } from '../adapters/nats.ts';
import { type Hop, until } from './hops.ts';
import {
  arrival,
  type Journey,
  posted,
  release,
  rowHeld,
  rowsWritten,
  statusReached,
  stored,
} from './pipeline-hops.ts';
import { pipelineProbe } from './pipeline-probe.ts';
import { sampleOf } from './sample.ts';

/** One message with two items travels HTTP → JetStream → worker → Postgres. */
export const flow = pipelineProbe({
  name: 'flow',
  holds: true,
  hops(trip) {
    const { target, key } = trip.run;
    const sample = sampleOf(target, key);
    const acks: { watch?: AckWatch } = {};
    return [
      ...arrival(trip, { streams: [target.names.stream] }),
      consumerExists(trip, acks),
      // `processing` lasts a millisecond otherwise, too short to be seen by asking.
      rowHeld(trip, sample),
      posted(trip, sample.body),
      stored(trip),
      statusReached(trip, 'processing', { check: () => release(trip) }),
      statusReached(trip, 'completed', {
        check: ({ processed_at }) => {
          if (processed_at === null) throw new Error('expected processed_at to be set, found null');
        },
      }),
      ...rowsWritten(trip, sample),
      acked(trip, acks),
    ];
  },
});

function consumerExists({ run }: Journey, acks: { watch?: AckWatch }): Hop {
  const { stream, consumer } = run.target.names;
  return {
    name: `consumer ${stream}/${consumer} exists`,
    withinMs: 2_000,
    service: 'nats',
    fix: 'Run `devenv up`: it creates the declared consumers.',
    async run({ see }) {
      const nats = await run.nats();
      const [live, watch] = await Promise.all([
        nats.getConsumer(stream, consumer),
        nats.watchAcks(stream, consumer),
      ]);
      if (live === null) throw new Error(`expected a consumer ${stream}/${consumer}, found none`);
      acks.watch = watch;
      see({ pending: live.pending, ack_pending: live.ackPending });
    },
  };
}

function acked(trip: Journey, acks: { watch?: AckWatch }): Hop {
  const { names, worker } = trip.run.target;
  return {
    name: `${worker.name} acked the message`,
    withinMs: 2_000,
    service: worker.name,
    fix: `${worker.name} must ack after its commit: see \`devenv logs ${worker.name}\`.`,
    async run({ signal, see }) {
      const sequence = trip.sequence ?? 0;
      const answer = await until(signal, () => acks.watch?.answerOf(sequence));
      see({ consumer: names.consumer, sequence, answer });
      if (answer !== 'ack') throw new Error(`expected an ack of sequence ${sequence}, saw ${answer}`);
    },
  };
}
