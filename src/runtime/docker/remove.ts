import { type Environment, POSTGRES_SERVICE } from '../../topology/deployment.ts';
import type { StepContext } from '../runtime.ts';
import { type Container, deleteContainer, gone, listContainers, stopContainer } from './containers.ts';
import { type EngineClient, EngineError, ofEnvironment } from './engine-client.ts';
import type { OwnStops } from './exits.ts';
import { hasUnfinishedDatabase } from './unfinished-database.ts';
import { listVolumes } from './volumes.ts';

/** A killed `up` may have left a Compose process that still creates; it is overtaken within a few rounds. */
const ROUNDS = 5;

/**
 * Stops and removes what carries the environment's label, everything side by side: containers, their network, and with
 * `volumes` the data. A database whose making was cut short is no data: it goes as well, or it would never start again. Other environments' objects have another label and are never looked at.
 */
export async function removeEnvironment(
  client: EngineClient,
  environment: Environment,
  { volumes }: { volumes: boolean },
  { ownStops, context: { signal } }: { ownStops: OwnStops; context: StepContext },
): Promise<string[]> {
  const removed: string[] = [];
  const worthless = new Set<string>();
  for (let round = 1; ; round += 1) {
    const containers = await listContainers(client, environment, signal);
    const ids = containers.map(({ id }) => id);
    await ownStops.during(ids, () => settled(containers.map((each) => stopContainer(client, each, signal))));
    for (const each of volumes ? [] : containers)
      if (each.service === POSTGRES_SERVICE && (await hasUnfinishedDatabase(client, each, signal)))
        for (const volume of each.volumes) worthless.add(volume);
    removed.push(...containers.map(({ name }) => `container ${name}`));
    try {
      // Taking down the network is the slowest part, and a stopped container no longer holds on to it.
      const [networks] = await settled<string[] | undefined>([
        removeNetworks(client, environment, signal),
        ...containers.map((each) => deleteContainer(client, each, signal).then(() => undefined)),
      ]);
      removed.push(...(networks ?? []));
      break;
    } catch (error) {
      const stillUsed = error instanceof EngineError && /active endpoints/.test(error.message);
      if (!stillUsed || round === ROUNDS) throw error;
    }
  }
  if (volumes || worthless.size > 0) {
    const wanted = (volume: string) => volumes || worthless.has(volume);
    removed.push(...(await removeVolumes(client, environment, wanted, signal)));
  }
  return removed;
}

export async function removeContainers(
  client: EngineClient,
  containers: readonly Container[],
  { ownStops, signal }: { ownStops: OwnStops; signal: AbortSignal },
): Promise<void> {
  const ids = containers.map(({ id }) => id);
  const remove = async (each: Container): Promise<void> => {
    await stopContainer(client, each, signal);
    await deleteContainer(client, each, signal);
  };
  await ownStops.during(ids, () => settled(containers.map(remove)));
}

/** The first failure is thrown only once everything has come to rest. */
async function settled<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
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
  wanted: (volume: string) => boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const volumes = (await listVolumes(client, environment, signal)).filter(wanted);
  await Promise.all(volumes.map((name) => gone(client.call('DELETE', `/volumes/${name}`, { signal }))));
  return volumes.map((name) => `volume ${name}`);
}
