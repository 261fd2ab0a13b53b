import { DevenvError } from '../errors.ts';
import { natsAccess, toServer } from '../render/environment.ts';
import type { Runtime, StepContext } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
import { natsUsers } from '../topology/users.ts';
import type { Followed } from './engine.ts';
import type { Action } from './plan.ts';
import type { World } from './world.ts';

export interface ConfigureMeans {
  world: World;
  runtime: Runtime;
  deployment: Deployment;
  /** Waits until a service is ready. Throws NOT_READY or SERVICE_DIED. */
  ready(service: string, stepId: string, signal: AbortSignal): Promise<string>;
  /** To be called after a service was started. */
  started(service: string): Promise<void>;
  context: StepContext;
}

/** A server reads its file within milliseconds, or has refused it. */
const READ_WITHIN_MS = 5_000;
const CURRENT_WITHIN_MS = 30_000;
const ASK_MS = 1_000;
const PAUSE_MS = 20;

/**
 * Gives running servers their new configuration. Those that do not follow while they run are restarted, in a cluster one
 * after the other, each when the one before is current again, so that the streams with copies stay within reach.
 */
export async function configure(
  { how, services }: Extract<Action, { kind: 'configure' }>,
  means: ConfigureMeans,
): Promise<readonly Followed[]> {
  if (how === 'rolling') return roll(services, means);
  const { runtime, deployment, world, context } = means;
  const started = world.now();
  const before = await readAt(services, means);
  await runtime.reload(deployment, services, context);
  const refused = await notFollowing(services, before, means);
  const reloaded = services
    .filter((service) => !refused.includes(service))
    .map((service): Followed => ({ service, how: 'reloaded', ms: world.now() - started }));
  if (refused.length === 0) return reloaded;
  const text = `${refused.join(', ')} did not follow while running; restarting ${refused.length === 1 ? 'it' : 'them one after the other'}`;
  context.emit({ type: 'note', level: 'warn', text });
  return [...reloaded, ...(await roll(refused, means))];
}

async function roll(services: readonly string[], means: ConfigureMeans): Promise<Followed[]> {
  const { world, runtime, deployment, ready, context } = means;
  const { emit, stepId, signal } = context;
  const done: Followed[] = [];
  for (const [at, service] of services.entries()) {
    const text = `restarting ${service}`;
    emit({ type: 'step-progress', id: stepId, text, done: at, total: services.length, unit: 'items' });
    const started = world.now();
    await runtime.start(deployment, [service], context);
    await means.started(service);
    await ready(service, stepId, signal);
    await untilCurrent(service, means);
    done.push({ service, how: 'restarted', ms: world.now() - started });
  }
  return done;
}

/** `/healthz` is 200 when every stream and consumer that the server has a copy of has caught up. */
async function untilCurrent(service: string, { world, deployment, context: { signal } }: ConfigureMeans) {
  const url = monitorUrl(deployment, service);
  if (url === undefined || natsServers(deployment.topology).length === 1) return;
  const deadline = world.now() + CURRENT_WITHIN_MS;
  for (;;) {
    const check = await world.servers.http(`${url}/healthz`, { signal, timeoutMs: ASK_MS });
    if (check.ready) return;
    if (world.now() >= deadline)
      throw new DevenvError(
        'NOT_READY',
        `${service} is back, and its copies of streams had not caught up ${CURRENT_WITHIN_MS / 1000} s later; last seen: ${check.detail}`,
        {
          hint: `The other servers were left alone. See \`devenv logs ${service}\`, then run \`devenv up\`.`,
        },
      );
    await world.sleep(PAUSE_MS, signal);
  }
}

type ReadAt = ReadonlyMap<string, string | null>;

async function readAt(
  services: readonly string[],
  { world, deployment, context: { signal } }: ConfigureMeans,
): Promise<ReadAt> {
  const each = services.map(async (service) => {
    const url = monitorUrl(deployment, service);
    const at = url === undefined ? null : await world.servers.confReadAt(url, { signal, timeoutMs: ASK_MS });
    return [service, at] as const;
  });
  return new Map(await Promise.all(each));
}

/** Those that did not read their file again, or do not know everybody who is in it. */
async function notFollowing(
  services: readonly string[],
  before: ReadAt,
  means: ConfigureMeans,
): Promise<string[]> {
  const { world, context } = means;
  const deadline = world.now() + READ_WITHIN_MS;
  let waiting = [...services];
  for (;;) {
    const now = await readAt(waiting, means);
    waiting = waiting.filter(
      (service) => now.get(service) == null || now.get(service) === before.get(service),
    );
    if (waiting.length === 0 || world.now() >= deadline) break;
    await world.sleep(PAUSE_MS, context.signal);
  }
  const strangers = await Promise.all(
    services.map(async (service) =>
      waiting.includes(service) || (await refusesSomebody(service, means)) ? [service] : [],
    ),
  );
  return strangers.flat();
}

async function refusesSomebody(
  service: string,
  { world, deployment, context: { signal } }: ConfigureMeans,
): Promise<boolean> {
  const server = natsServers(deployment.topology).find((one) => one.service === service);
  const port = server && deployment.ports[server.clientPort];
  if (port === undefined) return true;
  for (const { name } of natsUsers(deployment.topology)) {
    const access = toServer(natsAccess(deployment, name, 'host'), `127.0.0.1:${port}`);
    const { accepted } = await world.auth.login(access, { signal, timeoutMs: READ_WITHIN_MS });
    if (!accepted) return true;
  }
  return false;
}

function monitorUrl({ topology, ports }: Deployment, service: string): string | undefined {
  const server = natsServers(topology).find((one) => one.service === service);
  const port = server && ports[server.monitorPort];
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}
