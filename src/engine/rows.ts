import type { ObservedService, Runtime } from '../runtime/runtime.ts';
import { type Deployment, POSTGRES_PORT, POSTGRES_SERVICE, serviceNames } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
import type { ServiceRow } from './engine.ts';
import { checkHealth } from './observe.ts';
import type { Check, World } from './world.ts';

/** One row per declared service, as it is right now. */
export async function serviceRows(
  world: World,
  runtime: Runtime,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<ServiceRow[]> {
  const services = await runtime.observe(deployment.environment, signal);
  const health = await checkHealth(world, deployment, services, signal);
  return serviceNames(deployment.topology).map((name) =>
    rowOf(
      deployment,
      name,
      services.find(({ service }) => service === name),
      health[name],
      world.now(),
    ),
  );
}

function rowOf(
  deployment: Deployment,
  service: string,
  seen: ObservedService | undefined,
  check: Check | undefined,
  now: number,
): ServiceRow {
  const url = urlOf(deployment, service);
  return {
    service,
    state: seen?.state ?? 'absent',
    health: check
      ? { status: check.ready ? 'ready' : 'not-ready', detail: check.detail }
      : { status: 'unknown', detail: 'it does not run' },
    ...(url === undefined ? {} : { url }),
    ports: portsOf(deployment, service),
    ...(seen?.pid === undefined ? {} : { pid: seen.pid }),
    ...(seen?.container === undefined ? {} : { container: seen.container }),
    ...(seen?.startedAt === undefined
      ? {}
      : { startedAt: seen.startedAt, uptimeMs: Math.max(0, now - Date.parse(seen.startedAt)) }),
    restarts: seen?.restarts ?? 0,
  };
}

function portsOf({ ports, topology }: Deployment, service: string): Record<string, number> {
  const server = natsServers(topology).find((candidate) => candidate.service === service);
  const names =
    server === undefined
      ? [service]
      : [
          server.clientPort,
          server.monitorPort,
          ...(server.routePort === undefined ? [] : [server.routePort]),
        ];
  return Object.fromEntries(
    names.flatMap((name) => (ports[name] === undefined ? [] : [[name, ports[name]]])),
  );
}

/** Without credentials: rows are printed and copied into bug reports. */
function urlOf({ ports, topology }: Deployment, service: string): string | undefined {
  const at = (port: string, scheme: string, path = ''): string | undefined =>
    ports[port] === undefined ? undefined : `${scheme}://127.0.0.1:${ports[port]}${path}`;
  const server = natsServers(topology).find((candidate) => candidate.service === service);
  if (server !== undefined) return at(server.clientPort, topology.nats.tls === null ? 'nats' : 'tls');
  if (service === POSTGRES_SERVICE)
    return at(POSTGRES_PORT, 'postgresql', `/${encodeURIComponent(topology.postgres.database)}`);
  return at(service, 'http');
}
