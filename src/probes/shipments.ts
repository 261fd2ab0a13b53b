import { DevenvError } from '../errors.ts';
import type { Hop } from './hops.ts';
import { until } from './hops.ts';
import { post } from './ingestion.ts';
import type { Journey } from './pipeline-hops.ts';
import { itemRows, rootRows } from './rows.ts';
import { type Sample, sampleOf } from './sample.ts';

const AT_ONCE = 6;
const RETRY_AFTER_MS = 50;

/** What happened to one message on its way in. */
export interface Shipment {
  key: string;
  sample: Sample;
  messageId?: string;
  tries: number;
  /** When the last try began, as `performance.now()`. */
  triedAt: number;
}

/** As many messages under keys of their own; whatever becomes of them is removed after the probe. */
export function shipmentsOf(trip: Journey, count: number): Shipment[] {
  const shipments = Array.from({ length: count }, (_, at): Shipment => {
    const key = `${trip.run.key}-${at}`;
    return { key, sample: sampleOf(trip.run.target, key), tries: 0, triedAt: 0 };
  });
  trip.run.keys.push(...shipments.map(({ key }) => key));
  return shipments;
}

export const accepted = (shipments: readonly Shipment[]): number =>
  shipments.filter(({ messageId }) => messageId !== undefined).length;

/**
 * Posts all of them, some at once. The second half waits for `halfTime`: a fast pipeline would be through before a slow
 * kill. `onAccepted` hears of each that was accepted.
 */
export async function ship(
  trip: Journey,
  shipments: readonly Shipment[],
  {
    signal,
    halfTime,
    onAccepted,
  }: { signal: AbortSignal; halfTime: Promise<void>; onAccepted(shipment: Shipment): void },
): Promise<void> {
  const { stream, subjectPrefix } = trip.run.target.names;
  const subject = `${subjectPrefix}.${trip.run.target.entity.name}`;
  trip.run.sent.push({ stream, subject, fromSeq: (trip.before.get(stream) ?? 0) + 1 });
  const queue = [...shipments];
  const one = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (queue.length < shipments.length / 2) await halfTime;
      await deliver(trip, next, signal);
      onAccepted(next);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** Tries again with the same Idempotency-Key until it is accepted, as a client of the API has to. */
async function deliver(trip: Journey, shipment: Shipment, signal: AbortSignal): Promise<void> {
  const { key, sample } = shipment;
  await until(
    signal,
    async () => {
      shipment.tries += 1;
      shipment.triedAt = performance.now();
      try {
        const messageId = await post(trip.run.target, sample.body, { signal, idempotencyKey: key });
        shipment.messageId = messageId;
        trip.run.messageIds.push(messageId);
        return messageId;
      } catch (error) {
        signal.throwIfAborted();
        // The API must answer 503 while NATS is away; every other refusal is a finding.
        if (error instanceof Error && / got (?!503)\d{3} /.test(error.message)) throw error;
        return undefined;
      }
    },
    RETRY_AFTER_MS,
  );
}

export const allCompleted = (trip: Journey, shipments: readonly Shipment[], withinMs: number): Hop => ({
  name: `${shipments.length} × status completed`,
  withinMs,
  service: trip.run.target.worker.name,
  fix: `${trip.run.target.worker.name} must find its consumer again: see \`devenv logs ${trip.run.target.worker.name}\`.`,
  async run({ signal, see }) {
    const started = performance.now();
    const database = await trip.run.database();
    const ids = shipments.map(({ messageId }) => messageId);
    await until(
      signal,
      async () => {
        const rows = await database.query<{ status: string; count: number }>(
          `SELECT status, count(*)::int AS count FROM message_status WHERE message_id = ANY($1::uuid[]) GROUP BY status`,
          [ids],
        );
        const counts = Object.fromEntries(rows.map(({ status, count }) => [status, count]));
        see({ statuses: counts, waited_ms: Math.round(performance.now() - started) });
        if ((counts.dlq ?? 0) > 0) throw new Error(`expected no dead letter, found ${counts.dlq}`);
        return counts.completed === shipments.length ? true : undefined;
      },
      20,
    );
  },
});

export const rowsOnce = ({ run }: Journey, shipments: readonly Shipment[]): Hop => {
  const { entity, derived, worker } = run.target;
  return {
    name: `${shipments.length} rows in ${entity.table}, ${2 * shipments.length} in ${derived.table}`,
    withinMs: 5_000,
    service: worker.name,
    fix: TWICE(worker.name),
    async run({ see }) {
      const database = await run.database();
      const lost: string[] = [];
      const twice: string[] = [];
      for (const { key } of shipments) {
        const [roots, items] = await Promise.all([
          rootRows(database, run.target, key),
          itemRows(database, run.target, key),
        ]);
        const found = `${key}: ${roots.length} + ${items.length}`;
        if (roots.length < 1 || items.length < 2) lost.push(found);
        else if (roots.length > 1 || items.length > 2) twice.push(found);
      }
      see({ keys: shipments.length, with_rows_missing: lost.length, with_rows_twice: twice.length });
      if (lost.length + twice.length === 0) return;
      throw new DevenvError(
        'PROBE_FAILED',
        `expected 1 row in ${entity.table} and 2 in ${derived.table} for each of ${shipments.length} keys; ` +
          [...someOf('with too few', lost), ...someOf('with too many', twice)].join('; '),
        { hint: lost.length > 0 ? LOST(worker.name) : TWICE(worker.name) },
      );
    },
  };
};

const TWICE = (worker: string): string => `${worker} must write a message that is delivered twice only once.`;

const LOST = (worker: string): string =>
  `${worker} must commit what it writes before it acks; see \`devenv logs ${worker}\`.`;

const MOST_NAMED = 3;

/** `2 with too few (PROBE-…-7: 0 + 2, PROBE-…-9: 0 + 2)` */
const someOf = (what: string, found: readonly string[]): string[] =>
  found.length === 0
    ? []
    : [
        `${found.length} ${what} (${found.slice(0, MOST_NAMED).join(', ')}${found.length > MOST_NAMED ? ', …' : ''})`,
      ];

/** Every accepted message is in the stream that came back, once; how often it was delivered is nobody's concern. */
export const messagesFound = ({ run, before }: Journey, shipments: readonly Shipment[]): Hop => {
  const { names, entity } = run.target;
  return {
    name: `stream ${names.stream} holds all ${shipments.length}, each once`,
    withinMs: 5_000,
    service: 'nats',
    fix: `${names.stream} must keep its messages on disk: declare storage: file.`,
    async run({ see }) {
      // The first connection ended with the server.
      const nats = await run.reconnectNats();
      const times = new Map(shipments.map(({ key }) => [key, 0]));
      const subject = `${names.subjectPrefix}.${entity.name}`;
      for (let fromSeq = (before.get(names.stream) ?? 0) + 1; ; ) {
        const message = await nats.getMessage(names.stream, { fromSeq, subject });
        if (message === null) break;
        fromSeq = message.seq + 1;
        const key = shipments.find((shipment) => message.text.includes(`"${shipment.key}"`))?.key;
        if (key === undefined) continue;
        times.set(key, (times.get(key) ?? 0) + 1);
      }
      const missing = [...times.values()].filter((count) => count === 0).length;
      const twice = [...times.values()].filter((count) => count > 1).length;
      see({ found: shipments.length - missing, twice });
      if (missing > 0) throw new Error(`expected all ${shipments.length} messages, ${missing} are missing`);
      if (twice > 0) {
        throw new DevenvError(
          'PROBE_FAILED',
          `expected each of ${shipments.length} messages once, ${twice} are stored more than once`,
          {
            hint:
              `Declare a duplicate_window of ${names.stream} that is longer than an outage: ` +
              'clients send again, with the same id, what they have no answer for.',
          },
        );
      }
    },
  };
};

export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
