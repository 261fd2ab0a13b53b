import { arrival, posted, release, rowHeld, rowsWritten, statusReached, stored } from './pipeline-hops.ts';
import { pipelineProbe } from './pipeline-probe.ts';
import { sampleOf } from './sample.ts';
import type { Target } from './target.ts';

/** For the worker's lock timeout, which is its own setting, and for a machine under load. */
const PATIENCE_MS = 5_000;

/** A message fails once, is delivered again, and succeeds. */
export const retry = pipelineProbe({
  name: 'retry',
  holds: true,
  unfit: ({ consumer }) =>
    consumer?.maxDeliver === 1
      ? `the consumer ${consumer.name} delivers only once (max_deliver: 1)`
      : undefined,
  hops(trip) {
    const { target, key } = trip.run;
    const sample = sampleOf(target, key);
    return [
      ...arrival(trip, { streams: [target.names.stream] }),
      rowHeld(trip, sample),
      posted(trip, sample.body),
      stored(trip),
      statusReached(trip, 'failed', {
        withinMs: PATIENCE_MS,
        check: async ({ retry_count, error_message }) => {
          await release(trip);
          expectRetries(retry_count);
          if (!error_message) throw new Error('expected an error_message, found none');
        },
      }),
      statusReached(trip, 'completed', {
        withinMs: redeliveryMs(target) + PATIENCE_MS,
        check: ({ retry_count }) => expectRetries(retry_count),
      }),
      ...rowsWritten(trip, sample),
    ];
  },
});

/** How long the consumer waits before the second delivery. */
const redeliveryMs = ({ consumer }: Target): number => consumer?.backoff[0] ?? consumer?.ackWait ?? 30_000;

function expectRetries(found: number): void {
  if (found !== 1) throw new Error(`expected retry_count 1, found ${found}`);
}
