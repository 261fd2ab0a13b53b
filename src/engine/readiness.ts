import { DevenvError } from '../errors.ts';
import { adminAccess, databaseUrl, toServer } from '../render/environment.ts';
import type { ServiceState } from '../runtime/runtime.ts';
import { type Deployment, POSTGRES_SERVICE } from '../topology/deployment.ts';
import { type NatsServer, natsServers, serverName } from '../topology/servers.ts';
import type { Check, CheckOptions, World } from './world.ts';

/** A service without a port or a health path counts as ready when it has run this long without exiting. */
const SETTLED_AFTER_MS = 500;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 25;
/** One attempt may not eat the whole deadline: a server that accepts and says nothing is asked again. */
const ATTEMPT_MS = 2_000;
/** With less left, an attempt could only fail, and its "no answer" would hide what was really seen last. */
const SHORTEST_ATTEMPT_MS = 50;

/** One question to one service, asked from outside by its own protocol. */
export type Ask = (options: CheckOptions) => Promise<Check>;

export interface RunningSince {
  state: ServiceState | 'absent';
  startedAt?: string;
}

/** How to ask `service` whether it is ready; `seen` tells what the runtime knows, for services that cannot be asked. */
export function askOf(
  world: Pick<World, 'servers' | 'now'>,
  deployment: Deployment,
  service: string,
  seen: () => Promise<RunningSince>,
): Ask {
  const { servers } = world;
  const server = natsServers(deployment.topology).find((candidate) => candidate.service === service);
  if (server !== undefined) {
    const serverPort = deployment.ports[server.clientPort];
    if (serverPort === undefined)
      return async () => ({ ready: false, detail: 'it has not been started yet' });
    const account = jetstreamAccount(deployment);
    const access = toServer(adminAccess(deployment, account), `127.0.0.1:${serverPort}`);
    if (server.routePort === undefined) return (options) => servers.nats(access, options);
    const membership = membershipOf(deployment, server);
    return (options) => servers.member(access, membership, options);
  }
  if (service === POSTGRES_SERVICE)
    return (options) => servers.postgres(databaseUrl(deployment, 'host'), options);
  const declared = deployment.topology.services.find(({ name }) => name === service);
  const port = deployment.ports[service];
  if (declared === undefined) throw new Error(`"${service}" is not declared`);
  if (port !== undefined && declared.health.kind === 'http') {
    const url = `http://127.0.0.1:${port}${declared.health.path}`;
    return (options) => servers.http(url, options);
  }
  if (port !== undefined && declared.health.kind === 'tcp') return (options) => servers.tcp(port, options);
  return async () => settled(await seen(), world.now());
}

function membershipOf({ environment, topology, ports }: Deployment, server: NatsServer) {
  const monitorUrls = natsServers(topology).flatMap((each) =>
    ports[each.monitorPort] === undefined
      ? []
      : [[serverName(environment.id, each), `http://127.0.0.1:${ports[each.monitorPort]}`] as const],
  );
  return { server: serverName(environment.id, server), monitorUrls: Object.fromEntries(monitorUrls) };
}

/** An account without JetStream cannot say whether JetStream answers. */
const jetstreamAccount = ({ topology }: Deployment): string | undefined =>
  (topology.accounts.find(({ jetstream }) => jetstream !== null) ?? topology.accounts[0])?.name;

function settled({ state, startedAt }: RunningSince, now: number): Check {
  if (state !== 'running' || startedAt === undefined)
    return { ready: false, detail: `the service is ${state}` };
  const ms = Math.max(0, now - Date.parse(startedAt));
  return { ready: ms >= SETTLED_AFTER_MS, detail: `running for ${ms} ms; it declares nothing to ask` };
}

/**
 * Asks until the answer is yes. `died` rejects when the service exits, which ends the wait at once.
 * Throws NOT_READY with what was waited for, for how long, and what was seen last.
 */
export async function waitUntilReady(
  world: Pick<World, 'now' | 'sleep'>,
  wait: { service: string; ask: Ask; deadline: number; signal: AbortSignal; died: Promise<never> },
): Promise<Check> {
  const { service, ask, deadline, signal, died } = wait;
  const started = world.now();
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const poll = async (): Promise<Check> => {
    let pause = FIRST_PAUSE_MS;
    let last = 'nothing';
    for (;;) {
      signal.throwIfAborted();
      const left = deadline - world.now();
      if (left < SHORTEST_ATTEMPT_MS) throw notReady(service, world.now() - started, last);
      const check = await ask({ signal: both, timeoutMs: Math.min(ATTEMPT_MS, left) });
      if (check.ready) return check;
      last = check.detail;
      await world.sleep(Math.min(pause, Math.max(1, deadline - world.now())), both);
      pause = Math.min(LONGEST_PAUSE_MS, pause + 3);
    }
  };
  try {
    return await Promise.race([poll(), died]);
  } finally {
    over.abort();
  }
}

const notReady = (service: string, ms: number, last: string): DevenvError =>
  new DevenvError(
    'NOT_READY',
    `${service} was not ready after ${(ms / 1000).toFixed(1)} s; last seen: ${last}`,
    {
      // A first `up` takes down what it started, logs included.
      hint: `Give it more time with --timeout, or leave it running with \`devenv up --keep\` and read \`devenv logs ${service}\`.`,
    },
  );
