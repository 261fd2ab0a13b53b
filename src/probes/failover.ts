import { connectNats, type NatsClient } from '../adapters/nats.ts';
import type { NatsAccess } from '../topology/deployment.ts';
import { type NatsServer, natsServers } from '../topology/servers.ts';
import type { Evidence, Hop } from './hops.ts';
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

const MESSAGES = 120;
const BEFORE_KILL = 30;
const LEAST_SERVERS = 3;
/** The servers elect after 4 to 9 s of silence, which no setting changes; streams, consumers and their own leader alike. */
const RECOVERY_MS = 30_000;
/** A stream without a leader answers nobody: each question is given up fast, so that the answer is seen soon. */
const ASK_MS = 200;
const CONNECT_MS = 2_000;

/** What the hops of one run tell each other. */
interface Failover {
  leader?: NatsServer;
}

/** The server that leads the stream is killed under load: nothing lost, no row twice, and how long it took. */
export const failover = pipelineProbe({
  name: 'failover',
  unfit: forgetful,
  cleanUpWithinMs: RECOVERY_MS,
  hops(trip, context) {
    const { stream } = trip.run.target.names;
    const shipments = shipmentsOf(trip, MESSAGES);
    const found: Failover = {};
    return [
      enoughServers(context),
      ...arrival(trip, { streams: [stream] }),
      copiesCurrent(trip, context, found),
      publishedThroughElection(trip, context, shipments, found),
      allCompleted(trip, shipments, RECOVERY_MS),
      rowsOnce(trip, shipments),
      messagesFound(trip, shipments),
      backInTheCluster(trip, context, found),
    ];
  },
  measured: (evidence) =>
    `${evidence.killed} was killed; a message was accepted again after ${seconds(evidence.accepted_again_after_ms)}, ` +
    `and ${evidence.new_leader} was seen to lead after ${seconds(evidence.new_leader_after_ms)}`,
});

const seconds = (ms: unknown): string => `${(Number(ms) / 1000).toFixed(2)} s`;

const enoughServers = ({ topology }: ProbeContext): Hop => ({
  name: `${LEAST_SERVERS} nats-servers or more`,
  withinMs: 1_000,
  fix: `Set nats.servers: ${LEAST_SERVERS} in devenv.yaml and run \`devenv up\`: a server that is alone has nobody to take over.`,
  async run({ see }) {
    const { servers } = topology.nats;
    see({ servers });
    if (servers < LEAST_SERVERS)
      throw new Error(`expected nats.servers to be ${LEAST_SERVERS} or more, found ${servers}`);
  },
});

function copiesCurrent({ run }: Journey, { topology }: ProbeContext, found: Failover): Hop {
  const { stream } = run.target.names;
  return {
    name: `stream ${stream} has current copies on ${LEAST_SERVERS} servers`,
    withinMs: 10_000,
    service: 'nats',
    fix: `\`devenv status\` shows which servers are down, and \`devenv up\` starts them; ${stream} needs replicas: ${LEAST_SERVERS}.`,
    async run({ signal, see }) {
      const declared = topology.streams.find(({ name }) => name === stream)?.replicas ?? 1;
      if (declared < LEAST_SERVERS)
        throw new Error(
          `expected ${stream} to have ${LEAST_SERVERS} replicas, it is declared with ${declared}`,
        );
      const nats = await run.nats();
      found.leader = await until(signal, () => settledLeader(nats, stream, topology, see), 20);
    },
  };
}

/** The server that leads, once all other copies are current. */
async function settledLeader(
  nats: NatsClient,
  stream: string,
  topology: ProbeContext['topology'],
  see: (evidence: Evidence) => void,
): Promise<NatsServer | undefined> {
  const seen = await nats.leadership(stream, ASK_MS);
  if (seen === undefined) return undefined;
  see({ leader: seen.leader, copies: seen.copies });
  const settled =
    seen.copies.length >= LEAST_SERVERS - 1 &&
    seen.copies.every(({ current, offline }) => current && !offline);
  return settled ? serverCalled(seen.leader, topology) : undefined;
}

/** Servers are named after the environment, with their number at the end. */
const serverCalled = (name: string | undefined, topology: ProbeContext['topology']) =>
  natsServers(topology).find(({ number }) => name?.endsWith(`-${number}`));

function publishedThroughElection(
  trip: Journey,
  context: ProbeContext,
  shipments: readonly Shipment[],
  found: Failover,
): Hop {
  const { stream } = trip.run.target.names;
  return {
    name: `${MESSAGES} × POST → 202 while the server that leads ${stream} is killed`,
    withinMs: RECOVERY_MS,
    service: 'nats',
    fix: 'See `devenv logs` of the nats-servers: those that are left must elect a new leader.',
    async run({ signal, see }) {
      const leader = found.leader;
      if (leader === undefined) throw new Error('expected a server to lead, found none');
      const killed = deferred();
      let killedAt = 0;
      let goneAt = Number.POSITIVE_INFINITY;
      let recovered = false;
      const sinceKill = () => Math.round(performance.now() - killedAt);
      const outage = async () => {
        await until(signal, () => (accepted(shipments) >= BEFORE_KILL ? true : undefined), 1);
        see({ killed: leader.service, accepted_before_kill: accepted(shipments) });
        killedAt = performance.now();
        await context.control.kill(leader.service);
        goneAt = performance.now();
        killed.resolve();
        await context.control.ensureRunning(leader.service);
      };
      const election = async () => {
        await killed.promise;
        await using nats = await survivors(context, leader, signal);
        const name = await until(signal, async () => (await nats.leadership(stream, ASK_MS))?.leader, 10);
        see({ new_leader: serverCalled(name, context.topology)?.service, new_leader_after_ms: sinceKill() });
      };
      const onAccepted = ({ triedAt }: Shipment) => {
        see({ accepted: accepted(shipments), tries: shipments.reduce((sum, { tries }) => sum + tries, 0) });
        // One that was sent before may still have been stored by the old leader.
        if (recovered || triedAt < goneAt) return;
        recovered = true;
        see({ accepted_again_after_ms: sinceKill() });
      };
      await Promise.all([
        outage(),
        election(),
        ship(trip, shipments, { signal, halfTime: killed.promise, onAccepted }),
      ]);
    },
  };
}

/** A connection that the kill does not end. */
const survivors = (
  { endpoints }: ProbeContext,
  { number }: NatsServer,
  signal: AbortSignal,
): Promise<NatsClient> => {
  const access: NatsAccess = {
    ...endpoints.nats,
    servers: endpoints.nats.servers.filter((_, at) => at !== number - 1),
  };
  return connectNats(access, { signal, timeoutMs: CONNECT_MS, name: 'devenv-probe' });
};

function backInTheCluster({ run }: Journey, context: ProbeContext, found: Failover): Hop {
  const { stream } = run.target.names;
  const { topology, control } = context;
  return {
    name: `the killed server is back, and every copy of ${stream} is current`,
    withinMs: RECOVERY_MS,
    service: 'nats',
    fix: 'See `devenv logs` of the server that was killed, and `devenv up`, which repairs what is damaged.',
    async run({ signal, see }) {
      if (found.leader !== undefined) await control.ensureRunning(found.leader.service);
      const nats = await run.reconnectNats();
      await until(signal, () => settledLeader(nats, stream, topology, see), 20);
    },
  };
}
