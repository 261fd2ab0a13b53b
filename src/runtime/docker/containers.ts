import { LABELS } from '../../render/labels.ts';
import type { Environment } from '../../topology/deployment.ts';
import { type EngineClient, EngineError, ofEnvironment } from './engine-client.ts';

/** A container as the engine lists it. */
export interface Container {
  id: string;
  name: string;
  service: string;
  /** `created`, `running`, `restarting`, `paused`, `exited`, `removing`, `dead` */
  state: string;
  hash: string | undefined;
  /** Names of the volumes mounted into it. */
  volumes: readonly string[];
}

interface Listed {
  Id: string;
  Names: string[];
  State: string;
  Labels: Record<string, string>;
  Mounts?: { Type: string; Name?: string }[];
}

/** Every container of an environment, whatever its state; other people's containers have no such label. */
export async function listContainers(
  client: EngineClient,
  environment: Environment,
  signal: AbortSignal,
): Promise<Container[]> {
  const listed = await client.call<Listed[]>('GET', '/containers/json', {
    query: { all: true, filters: ofEnvironment(environment) },
    signal,
  });
  return listed.map(({ Id, Names, State, Labels, Mounts = [] }) => ({
    id: Id,
    name: (Names[0] ?? Id).replace(/^\//, ''),
    service: Labels[LABELS.service] ?? '',
    state: State,
    hash: Labels[LABELS.hash],
    volumes: Mounts.flatMap(({ Type, Name }) => (Type === 'volume' && Name !== undefined ? [Name] : [])),
  }));
}

/** Stops with the container's own stop signal and grace. */
export async function stopContainer(
  client: EngineClient,
  { id, state }: Container,
  signal: AbortSignal,
): Promise<void> {
  // A container that was only created, or is already dead, has nothing to stop.
  if (state === 'running' || state === 'paused' || state === 'restarting')
    await gone(client.call('POST', `/containers/${id}/stop`, { signal }));
}

/** Removes a stopped container with its anonymous volumes. */
export async function deleteContainer(
  client: EngineClient,
  { id }: Container,
  signal: AbortSignal,
): Promise<void> {
  await gone(client.call('DELETE', `/containers/${id}`, { query: { force: true, v: true }, signal }));
}

/** What is no longer there, or is just being removed by somebody else, is what was wanted. */
export async function gone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const fine =
      error instanceof EngineError &&
      (error.status === 404 || (error.status === 409 && /already in progress/.test(error.message)));
    if (!fine) throw error;
  }
}
