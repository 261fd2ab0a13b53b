import { checkNats } from '../adapters/nats.ts';
import { natsServers } from '../topology/servers.ts';
import type { Hop } from './hops.ts';
import { until } from './hops.ts';
import { post } from './ingestion.ts';
import { arrival, type Journey } from './pipeline-hops.ts';
import { pipelineProbe } from './pipeline-probe.ts';
import type { ProbeContext } from './probe.ts';
import { itemRows, rootRows } from './rows.ts';
import { type Sample, sampleOf } from './sample.ts';
import { forgetful } from './target.ts';

const MESSAGES = 60;
const AT_ONCE = 6;
/** Accepted before the server is killed. */
const BEFORE_KILL = 15;
const RECOVERY_MS = 20_000;
const RETRY_AFTER_MS = 50;

/** What happened to one message on its way in. */
interface Shipment {
  key: string;
  sample: Sample;
  messageId?: string;
  tries: number;
}

/** NATS is killed and comes back in the middle of the flow: nothing lost, no row twice. */
export const restart = pipelineProbe({
  name: 'restart',
  unfit: forgetful,
  hops(trip, context) {
    const { target } = trip.run;
    const shipments = Array.from({ length: MESSAGES }, (_, at): Shipment => {
      const key = `${trip.run.key}-${at}`;
      return { key, sample: sampleOf(target, key), tries: 0 };
    });
    trip.run.keys.push(...shipments.map(({ key }) => key));
    return [
      ...arrival(trip, { streams: [target.names.stream] }),
      publishedThroughKill(trip, context, shipments),
      allCompleted(trip, shipments),
      rowsOnce(trip, shipments),
      messagesFound(trip, shipments),
    ];
  },
});

const publishedThroughKill = (trip: Journey, context: ProbeContext, shipments: readonly Shipment[]): Hop => ({
  name: `${MESSAGES} × POST → 202 while nats is killed and comes back`,
  withinMs: RECOVERY_MS,
  service: 'nats',
  fix: 'See `devenv logs nats`: the server must come back by itself and keep its data.',
  async run({ signal, see }) {
    const accepted = () => shipments.filter(({ messageId }) => messageId !== undefined).length;
    const down = deferred();
    const outage = async () => {
      await until(signal, () => (accepted() >= BEFORE_KILL ? true : undefined), 1);
      see({ accepted_before_kill: accepted() });
      const started = performance.now();
      const server = natsServers(context.topology)[0]?.service ?? 'nats';
      await context.control.kill(server);
      down.resolve();
      await context.control.ensureRunning(server);
      const access = context.endpoints.nats;
      const ask = async () => (await checkNats(access, { signal, timeoutMs: 1_000 })).ready || undefined;
      await until(signal, ask, 10);
      see({ nats_back_ms: Math.round(performance.now() - started) });
    };
    const queue = [...shipments];
    const ship = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        // A fast pipeline would be through before a slow kill; half of the messages wait for it.
        if (queue.length < MESSAGES / 2) await down.promise;
        await deliver(trip, next, signal);
        see({ accepted: accepted(), tries: shipments.reduce((sum, { tries }) => sum + tries, 0) });
      }
    };
    await Promise.all([outage(), ...Array.from({ length: AT_ONCE }, ship)]);
  },
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Tries again with the same Idempotency-Key until it is accepted, as a client of the API has to. */
async function deliver(trip: Journey, shipment: Shipment, signal: AbortSignal): Promise<void> {
  const { key, sample } = shipment;
  await until(
    signal,
    async () => {
      shipment.tries += 1;
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

const allCompleted = (trip: Journey, shipments: readonly Shipment[]): Hop => ({
  name: `${MESSAGES} × status completed`,
  withinMs: RECOVERY_MS,
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
        return counts.completed === MESSAGES ? true : undefined;
      },
      20,
    );
  },
});

const rowsOnce = ({ run }: Journey, shipments: readonly Shipment[]): Hop => {
  const { entity, derived, worker } = run.target;
  return {
    name: `${MESSAGES} rows in ${entity.table}, ${2 * MESSAGES} in ${derived.table}`,
    withinMs: 5_000,
    service: worker.name,
    fix: `${worker.name} must write a message that is delivered twice only once.`,
    async run({ see }) {
      const database = await run.database();
      const wrong: string[] = [];
      for (const { key } of shipments) {
        const [roots, items] = await Promise.all([
          rootRows(database, run.target, key),
          itemRows(database, run.target, key),
        ]);
        if (roots.length !== 1 || items.length !== 2) wrong.push(`${key}: ${roots.length} + ${items.length}`);
      }
      see({ keys: MESSAGES, wrong });
      if (wrong.length > 0) throw new Error(`expected 1 + 2 rows for each key, found ${wrong.join('; ')}`);
    },
  };
};

/** Every accepted message is in the stream that came back; how often it was delivered is nobody's concern. */
const messagesFound = ({ run, before }: Journey, shipments: readonly Shipment[]): Hop => {
  const { names, entity } = run.target;
  return {
    name: `stream ${names.stream} holds all ${MESSAGES}`,
    withinMs: 5_000,
    service: 'nats',
    fix: `${names.stream} must keep its messages on disk: declare storage: file.`,
    async run({ see }) {
      // The first connection ended with the server.
      const nats = await run.reconnectNats();
      const open = new Set(shipments.map(({ messageId }) => messageId));
      const subject = `${names.subjectPrefix}.${entity.name}`;
      for (let fromSeq = (before.get(names.stream) ?? 0) + 1; ; ) {
        const message = await nats.getMessage(names.stream, { fromSeq, subject });
        if (message === null) break;
        fromSeq = message.seq + 1;
        const id = shipments.find(
          ({ messageId }) => messageId && message.text.includes(`"${messageId}"`),
        )?.messageId;
        if (id === undefined) continue;
        open.delete(id);
        run.stored.push({ stream: names.stream, seq: message.seq });
      }
      see({ found: MESSAGES - open.size });
      if (open.size > 0) throw new Error(`expected all ${MESSAGES} messages, ${open.size} are missing`);
    },
  };
};
