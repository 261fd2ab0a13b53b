import { hostVariables } from '../render/environment.ts';
import type { ObservedService, Runtime } from '../runtime/runtime.ts';
import {
  type Deployment,
  NATS_MONITOR_PORT,
  NATS_PORT,
  NATS_SERVICE,
  POSTGRES_PORT,
  POSTGRES_SERVICE,
  serviceNames,
} from '../topology/deployment.ts';
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

function portsOf({ ports }: Deployment, service: string): Record<string, number> {
  const names = service === NATS_SERVICE ? [NATS_PORT, NATS_MONITOR_PORT] : [service];
  return Object.fromEntries(
    names.flatMap((name) => (ports[name] === undefined ? [] : [[name, ports[name]]])),
  );
}

/** Without credentials: rows are printed and copied into bug reports. */
function urlOf(deployment: Deployment, service: string): string | undefined {
  const urls = hostVariables(deployment);
  if (service === NATS_SERVICE) return withoutCredentials(urls.NATS_URL, deployment.ports[NATS_PORT]);
  if (service === POSTGRES_SERVICE)
    return withoutCredentials(urls.DATABASE_URL, deployment.ports[POSTGRES_PORT]);
  const port = deployment.ports[service];
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

function withoutCredentials(url: string | undefined, port: number | undefined): string | undefined {
  if (url === undefined || port === undefined) return undefined;
  return url.replace(/\/\/[^@/]*@/, '//');
}
