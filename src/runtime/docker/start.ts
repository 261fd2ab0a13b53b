import { ensureDir } from '../../adapters/files.ts';
import { natsConfFile } from '../../render/compose-services.ts';
import { type Deployment, serviceNames } from '../../topology/deployment.ts';
import { storeChange } from '../../topology/server-stores.ts';
import { natsServers } from '../../topology/servers.ts';
import type { StepContext } from '../runtime.ts';
import type { Assets } from './assets.ts';
import { runCompose } from './compose-command.ts';
import { type Container, listContainers } from './containers.ts';
import type { EngineClient } from './engine-client.ts';
import { explainStart } from './engine-errors.ts';
import type { OwnStops } from './exits.ts';
import { removeContainers } from './remove.ts';
import { render, writeRendered } from './rendering.ts';
import { listVolumes, natsStores } from './volumes.ts';

/** Cleaning up after a failure must end even when the engine hangs. */
const CLEAN_UP_WITHIN_MS = 30_000;

/**
 * Replaces the named services: Compose creates (it knows networks, volumes and the file), the engine starts all at once,
 * without waiting for anybody's health. Containers of services that are no longer declared go.
 */
export async function startServices(
  client: EngineClient,
  assets: Assets,
  deployment: Deployment,
  services: readonly string[],
  { ownStops, context: { signal, emit } }: { ownStops: OwnStops; context: StepContext },
): Promise<void> {
  const { environment, topology } = deployment;
  if (natsServers(topology).some(({ service }) => services.includes(service))) {
    const stores = natsStores(await listVolumes(client, environment, signal), environment);
    const text = storeChange(stores, topology);
    if (text !== null) emit({ type: 'note', level: 'warn', text });
  }
  const declared = new Set(serviceNames(topology));
  const staying = new Set(
    natsServers(topology)
      .filter(({ service }) => !services.includes(service))
      .map(natsConfFile),
  );
  const concerned = ({ service }: Container) => services.includes(service);
  const [containers] = await Promise.all([
    listContainers(client, environment, signal),
    ensureDir(environment.stateDir, { mode: 0o700 }).then(() =>
      // A server that goes on running has mounted its file as it is; without any, Compose makes no container beside it.
      writeRendered(render(deployment, assets).files, environment.stateDir, staying),
    ),
  ]);
  const obsolete = containers.filter((container) => concerned(container) || !declared.has(container.service));
  await removeContainers(client, obsolete, { ownStops, signal });
  if (services.length === 0) return;
  try {
    await runCompose(
      client,
      environment,
      ['create', '--no-build', '--no-recreate', '--pull', 'never', ...services],
      signal,
    );
    const created = (await listContainers(client, environment, signal)).filter(concerned);
    await startAll(client, created, deployment, signal);
  } catch (error) {
    if (!signal.aborted) await withdraw();
    throw error;
  }

  async function withdraw(): Promise<void> {
    const limit = AbortSignal.timeout(CLEAN_UP_WITHIN_MS);
    // The reason of the failure is the news, not that the clean-up met the same engine.
    await listContainers(client, environment, limit)
      .then((left) => removeContainers(client, left.filter(concerned), { ownStops, signal: limit }))
      .catch(() => undefined);
  }
}

/** Waits for all, so that a clean-up does not race a start; a taken port is told before what followed from it. */
async function startAll(
  client: EngineClient,
  containers: readonly Container[],
  deployment: Deployment,
  signal: AbortSignal,
): Promise<void> {
  const results = await Promise.allSettled(
    containers.map(async ({ id, service }) => {
      await client.call('POST', `/containers/${id}/start`, { signal }).catch((error) => {
        throw explainStart(error, service, deployment);
      });
    }),
  );
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const [first] = errors.sort((a, b) => Number(isPortTaken(b)) - Number(isPortTaken(a)));
  if (first !== undefined) throw first;
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'PORT_TAKEN';
