import type { Environment } from '../../topology/deployment.ts';
import type { StepContext } from '../runtime.ts';
import { type Container, gone, listContainers, removeContainer } from './containers.ts';
import { type EngineClient, EngineError, ofEnvironment } from './engine-client.ts';
import type { OwnStops } from './exits.ts';

/** A killed `up` may have left a Compose process that still creates; it is overtaken within a few rounds. */
const ROUNDS = 5;

/**
 * Stops and removes what carries the environment's label, everything side by side: containers, then their network, then
 * with `volumes` the data. Other environments' objects have another label and are never looked at.
 */
export async function removeEnvironment(
  client: EngineClient,
  environment: Environment,
  { volumes }: { volumes: boolean },
  { ownStops, context: { signal } }: { ownStops: OwnStops; context: StepContext },
): Promise<string[]> {
  const removed: string[] = [];
  for (let round = 1; ; round += 1) {
    const containers = await listContainers(client, environment, signal);
    await removeContainers(client, containers, { ownStops, signal });
    removed.push(...containers.map(({ name }) => `container ${name}`));
    try {
      removed.push(...(await removeNetworks(client, environment, signal)));
      break;
    } catch (error) {
      const stillUsed = error instanceof EngineError && /active endpoints/.test(error.message);
      if (!stillUsed || round === ROUNDS) throw error;
    }
  }
  if (volumes) removed.push(...(await removeVolumes(client, environment, signal)));
  return removed;
}

/** All side by side; the first failure is thrown once every removal has come to rest. */
export async function removeContainers(
  client: EngineClient,
  containers: readonly Container[],
  { ownStops, signal }: { ownStops: OwnStops; signal: AbortSignal },
): Promise<void> {
  const ids = containers.map(({ id }) => id);
  const results = await ownStops.during(ids, () =>
    Promise.allSettled(containers.map((container) => removeContainer(client, container, signal))),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function removeNetworks(
  client: EngineClient,
  environment: Environment,
  signal: AbortSignal,
): Promise<string[]> {
  const networks = await client.call<{ Id: string; Name: string }[]>('GET', '/networks', {
    query: { filters: ofEnvironment(environment) },
    signal,
  });
  await Promise.all(networks.map(({ Id }) => gone(client.call('DELETE', `/networks/${Id}`, { signal }))));
  return networks.map(({ Name }) => `network ${Name}`);
}

async function removeVolumes(
  client: EngineClient,
  environment: Environment,
  signal: AbortSignal,
): Promise<string[]> {
  const { Volumes } = await client.call<{ Volumes: { Name: string }[] | null }>('GET', '/volumes', {
    query: { filters: ofEnvironment(environment) },
    signal,
  });
  const volumes = Volumes ?? [];
  await Promise.all(volumes.map(({ Name }) => gone(client.call('DELETE', `/volumes/${Name}`, { signal }))));
  return volumes.map(({ Name }) => `volume ${Name}`);
}
