import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What `/metrics` of the worker shows, beside the usual figures of a Node process. */
export function createWorkerMetrics(state: { inHand: () => number; isPaused: () => boolean }) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'worker_messages_in_hand',
    help: 'Messages delivered and not yet answered.',
    registers,
    collect() {
      this.set(state.inHand());
    },
  });
  new Gauge({
    name: 'worker_paused',
    help: '1 while Postgres is away and the worker waits for it.',
    registers,
    collect() {
      this.set(state.isPaused() ? 1 : 0);
    },
  });
  return {
    registry,
    messages: new Counter({
      name: 'worker_messages_total',
      help: 'Messages answered, by outcome: completed, repeated, failed (will be retried), dlq.',
      labelNames: ['outcome'],
      registers,
    }),
    batchSize: new Histogram({
      name: 'worker_batch_messages',
      help: 'Messages per transaction.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    }),
    batchDuration: new Histogram({
      name: 'worker_batch_duration_seconds',
      help: 'Time from the first statement of a transaction to its commit.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
  };
}

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;
