import { type Bounds, messageOf, type Readiness } from '../adapters/deadline.ts';
import { checkHttp, checkTcp } from '../adapters/http.ts';
import { checkNats } from '../adapters/nats/check.ts';
import { checkPostgres } from '../adapters/postgres/check.ts';
import type { LiveService } from '../doctor/facts.ts';
import { adminAccess, databaseUrl, toServer } from '../render/environment.ts';
import type { ObservedService } from '../runtime/runtime.ts';
import { type Deployment, POSTGRES_SERVICE, serviceNames } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
import { type OwnProcesses, ownProcesses, portHolder, portNamesOf } from './live-facts-ports.ts';
import { reading } from './live-facts-reading.ts';

/** Every declared service: whether it runs, whether it answers, and who really holds its ports. */
export async function liveServices(
  deployment: Deployment,
  observed: readonly ObservedService[],
  bounds: Bounds,
): Promise<LiveService[]> {
  const own = await ownProcesses(deployment.environment, observed, bounds);
  return Promise.all(
    serviceNames(deployment.topology).map((service) =>
      liveService(
        deployment,
        service,
        observed.find((seen) => seen.service === service),
        own,
        bounds,
      ),
    ),
  );
}

async function liveService(
  deployment: Deployment,
  service: string,
  seen: ObservedService | undefined,
  own: OwnProcesses,
  bounds: Bounds,
): Promise<LiveService> {
  const names = portNamesOf(deployment.topology, service);
  const [health, ports] = await Promise.all([
    healthOf(deployment, service, seen, bounds),
    Promise.all(
      names.flatMap((name) => {
        const port = deployment.ports[name];
        if (port === undefined) return [];
        return [
          reading(bounds, () => portHolder(port, { ...deployment, service, name, seen, own })).then(
            (holder) => ({
              name,
              port,
              holder,
            }),
          ),
        ];
      }),
    ),
  ]);
  return {
    service,
    state: seen?.state ?? 'absent',
    restarts: seen?.restarts ?? 0,
    ...(seen?.pid === undefined ? {} : { pid: seen.pid }),
    ...(seen?.container === undefined ? {} : { container: seen.container }),
    ...(seen?.startedAt === undefined ? {} : { startedAt: seen.startedAt }),
    health,
    ports,
  };
}

async function healthOf(
  deployment: Deployment,
  service: string,
  seen: ObservedService | undefined,
  bounds: Bounds,
): Promise<LiveService['health']> {
  if (seen?.state !== 'running' && seen?.state !== 'starting')
    return { ready: false, detail: 'it does not run' };
  try {
    const answer = await ask(deployment, service, bounds);
    return { ready: answer?.ready ?? true, detail: answer?.detail ?? 'it declares nothing to ask' };
  } catch (error) {
    bounds.signal.throwIfAborted();
    return { ready: false, detail: messageOf(error) };
  }
}

/** By its own protocol, from outside; undefined when there is nothing to ask. */
async function ask(deployment: Deployment, service: string, bounds: Bounds): Promise<Readiness | undefined> {
  const { topology, ports } = deployment;
  const server = natsServers(topology).find((candidate) => candidate.service === service);
  if (server !== undefined) {
    const account = topology.accounts.find(({ jetstream }) => jetstream !== null)?.name;
    return checkNats(
      toServer(adminAccess(deployment, account), `127.0.0.1:${ports[server.clientPort]}`),
      bounds,
    );
  }
  if (service === POSTGRES_SERVICE) return checkPostgres(databaseUrl(deployment, 'host'), bounds);
  const health = topology.services.find(({ name }) => name === service)?.health;
  const port = ports[service];
  if (port === undefined || health === undefined || health.kind === 'none') return undefined;
  return health.kind === 'tcp'
    ? checkTcp(port, bounds)
    : checkHttp(`http://127.0.0.1:${port}${health.path}`, bounds);
}
