import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What `/metrics` of the API shows, beside the usual figures of a Node process. */
export function createMetrics(inFlight: () => number) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'ingest_publishes_in_flight',
    help: 'Messages sent to NATS and not yet confirmed.',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  return {
    registry,
    accepted: new Counter({
      name: 'ingest_messages_accepted_total',
      help: 'Messages stored on the stream.',
      labelNames: ['entity_type'],
      registers,
    }),
    refused: new Counter({
      name: 'ingest_messages_refused_total',
      help: 'Messages refused, by reason.',
      labelNames: ['error'],
      registers,
    }),
    duration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from request to answer.',
      labelNames: ['route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
