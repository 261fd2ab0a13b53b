import { databaseUrl } from '../render/environment.ts';
import type { ObservedService, Runtime } from '../runtime/runtime.ts';
import { type Deployment, POSTGRES_SERVICE, serviceNames } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
import { accountAccess } from './account-access.ts';
import { type ConfToFollow, confsToFollow } from './configurations.ts';
import type { Observation } from './observation.ts';
import { askOf } from './readiness.ts';
import type { KnownConf } from './state.ts';
import type { Check, World } from './world.ts';

/** Long enough for a loaded machine, short enough that a hung server does not hold up `status`. */
const ANSWER_WITHIN_MS = 1_500;

/** Asks every running service of the deployment once whether it is ready, all at the same time. */
export async function checkHealth(
  world: World,
  deployment: Deployment,
  services: readonly ObservedService[],
  signal: AbortSignal,
): Promise<Record<string, Check>> {
  const running = services.filter(
    ({ service, state }) => (state === 'running' || state === 'starting') && isDeclared(deployment, service),
  );
  const checks = await Promise.all(
    running.map(async (seen) => {
      const ask = askOf(world, deployment, seen.service, async () => seen);
      return [seen.service, await ask({ signal, timeoutMs: ANSWER_WITHIN_MS })] as const;
    }),
  );
  return Object.fromEntries(checks);
}

const isDeclared = ({ topology }: Deployment, service: string): boolean =>
  serviceNames(topology).includes(service);

/** Looks at the world once, everything side by side; decides nothing. */
export async function observeWorld(
  world: World,
  runtime: Runtime,
  deployment: Deployment,
  services: readonly ObservedService[],
  known: Readonly<Record<string, KnownConf>>,
  signal: AbortSignal,
): Promise<Observation> {
  const wantedHashes = runtime.definitionHashes(deployment);
  // A server that is about to be replaced is not asked about its contents.
  const stays = (name: string) =>
    services.some(
      ({ service, state, hash, unusable }) =>
        service === name &&
        state === 'running' &&
        unusable === undefined &&
        (hash === undefined || hash === wantedHashes[name]),
    );
  const [missing, health, confs, topologyDifferences, pendingMigrations] = await Promise.all([
    runtime.missing(deployment, signal),
    checkHealth(world, deployment, services, signal),
    changedConfs(runtime, deployment, stays, known, signal),
    natsServers(deployment.topology).every(({ service }) => stays(service))
      ? orUnknown(signal, () =>
          world.topology.differences(accountAccess(deployment), deployment.topology, deadline(signal)),
        )
      : null,
    stays(POSTGRES_SERVICE)
      ? orUnknown(signal, () =>
          world.migrations.pending(
            databaseUrl(deployment, 'host'),
            migrationPlan(deployment),
            deadline(signal),
          ),
        )
      : null,
  ]);
  return { missing, services, wantedHashes, health, confs, topologyDifferences, pendingMigrations };
}

/** A server that is about to be started is given its file then. */
async function changedConfs(
  runtime: Runtime,
  deployment: Deployment,
  stays: (service: string) => boolean,
  known: Readonly<Record<string, KnownConf>>,
  signal: AbortSignal,
): Promise<readonly ConfToFollow[]> {
  if (!natsServers(deployment.topology).some(({ service }) => stays(service))) return [];
  const configurations = await runtime.configurations(deployment, signal);
  return confsToFollow(
    configurations.filter(({ service }) => stays(service)),
    known,
  );
}

export const migrationPlan = ({ topology: { postgres, entities } }: Deployment) => ({
  ...(postgres.sql === undefined ? {} : { sql: postgres.sql }),
  entities,
});

const deadline = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);

/** A server that does not answer is told by its health; what cannot be known about its contents is null. */
async function orUnknown<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    if (isVerdict(error)) throw error;
    return null;
  }
}

/** Errors about the declaration itself stand whatever the server's health. */
const isVerdict = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'TOPOLOGY_CONFLICT' ||
    error.code === 'CONFIG_INVALID' ||
    error.code === 'MIGRATION_FAILED');
