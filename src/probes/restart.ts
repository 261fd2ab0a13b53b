import { checkNats } from '../adapters/nats.ts';
import { natsServers } from '../topology/servers.ts';
import type { Hop } from './hops.ts';
import { until } from './hops.ts';
import { arrival, type Journey } from './pipeline-hops.ts';
import { pipelineProbe } from './pipeline-probe.ts';
import type { ProbeContext } from './probe.ts';
import {
  accepted,
  allCompleted,
  deferred,
  messagesFound,
  rowsOnce,
  type Shipment,
  ship,
  shipmentsOf,
} from './shipments.ts';
import { forgetful } from './target.ts';

const MESSAGES = 60;
/** Accepted before the server is killed. */
const BEFORE_KILL = 15;
const RECOVERY_MS = 20_000;

/** NATS is killed and comes back in the middle of the flow: nothing lost, no row twice. */
export const restart = pipelineProbe({
  name: 'restart',
  unfit: forgetful,
  cleanUpWithinMs: RECOVERY_MS,
  hops(trip, context) {
    const { target } = trip.run;
    const shipments = shipmentsOf(trip, MESSAGES);
    return [
      ...arrival(trip, { streams: [target.names.stream] }),
      publishedThroughKill(trip, context, shipments),
      allCompleted(trip, shipments, RECOVERY_MS),
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
    const down = deferred();
    const outage = async () => {
      await until(signal, () => (accepted(shipments) >= BEFORE_KILL ? true : undefined), 1);
      see({ accepted_before_kill: accepted(shipments) });
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
    const tally = () =>
      see({
        accepted: accepted(shipments),
        tries: shipments.reduce((sum, { tries }) => sum + tries, 0),
      });
    await Promise.all([
      outage(),
      ship(trip, shipments, { signal, halfTime: down.promise, onAccepted: tally }),
    ]);
  },
});
