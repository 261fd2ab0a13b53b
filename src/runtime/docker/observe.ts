import { setMaxListeners } from 'node:events';
import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import { LABELS } from '../../render/labels.ts';
import type { Environment } from '../../topology/deployment.ts';
import type { ObservedService, ServiceState } from '../runtime.ts';
import { type EngineClient, ofEnvironment } from './engine-client.ts';
import { portNameOf } from './port-names.ts';
import { exitOf } from './signals.ts';

/** Container states that count as a service; `created` and `removing` are traces of a step that was cut short. */
const STATES: Readonly<Record<string, ServiceState>> = {
  running: 'running',
  restarting: 'backoff',
  paused: 'exited',
  exited: 'exited',
  dead: 'exited',
};

/** What exists of an environment, one entry per service: the running container when there is more than one. */
export async function observeEnvironment(
  client: EngineClient,
  environment: Environment,
  signal: AbortSignal,
): Promise<ObservedService[]> {
  const docker = await client.dockerode();
  // Every request listens to it; from the eleventh on Node would warn of a leak that there is not.
  setMaxListeners(0, signal);
  const listed = await docker.listContainers({
    all: true,
    filters: ofEnvironment(environment),
    abortSignal: signal,
  });
  const inspected = await Promise.all(
    listed.map(async ({ Id }) => {
      const container = await orGone(docker.getContainer(Id).inspect({ abortSignal: signal }));
      if (container === undefined) return [];
      const image = await orGone(docker.getImage(container.Config.Image).inspect());
      return observed(container, image);
    }),
  );
  signal.throwIfAborted();
  const services = new Map<string, ObservedService>();
  for (const service of inspected.flat()) {
    if (services.get(service.service)?.state !== 'running') services.set(service.service, service);
  }
  return [...services.values()];
}

function observed(container: ContainerInspectInfo, image: ImageInspectInfo | undefined): ObservedService[] {
  const { State, Config, RestartCount } = container;
  const state = STATES[State.Status];
  const service = Config.Labels[LABELS.service];
  if (state === undefined || service === undefined) return [];
  const hash = Config.Labels[LABELS.hash];
  // The tag moved on (a pull, a rebuild): what runs is not what the definition says any more.
  const stale = image !== undefined && image.Id !== container.Image;
  const ended = State.FinishedAt !== '' && !State.FinishedAt.startsWith('0001-');
  return [
    {
      service,
      state,
      container: container.Id.slice(0, 12),
      ...(state === 'running' && { startedAt: milliseconds(State.StartedAt) }),
      restarts: RestartCount,
      ...(hash !== undefined && { hash: stale ? `${hash} of another image` : hash }),
      ...(ended &&
        state !== 'running' && {
          lastExit: { ...exitOf(State.ExitCode), at: milliseconds(State.FinishedAt) },
        }),
      // Whatever the state: a paused container holds its ports, one that ended publishes none.
      ports: publishedPorts(service, container.NetworkSettings.Ports),
    },
  ];
}

function publishedPorts(
  service: string,
  ports: ContainerInspectInfo['NetworkSettings']['Ports'],
): Record<string, number> {
  const found = Object.entries(ports ?? {}).flatMap(([inside, bindings]) => {
    const outside = Number(bindings?.[0]?.HostPort);
    return Number.isInteger(outside)
      ? [[portNameOf(service, Number.parseInt(inside, 10)), outside] as const]
      : [];
  });
  return Object.fromEntries(found);
}

/** The engine writes nanoseconds. */
export const milliseconds = (timestamp: string): string => new Date(timestamp).toISOString();

/** Something may be removed between being listed and being asked about. */
async function orGone<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return undefined;
    throw error;
  }
}
