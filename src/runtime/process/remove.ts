import { access, readdir, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { removeTree } from '../../adapters/files.ts';
import { identify, waitGone } from '../../adapters/processes.ts';
import { TLS_FOLDER } from '../../render/tls-files.ts';
import type { Environment } from '../../topology/deployment.ts';
import type { SupervisorClient } from './client.ts';
import { findSupervisor } from './launch.ts';
import { controlSocket, type Layout } from './layout.ts';
import { endProcesses, findProcesses, supervisorIn } from './orphans.ts';
import { clearSharedMemory } from './postgres/shared-memory.ts';

/** After this the supervisor is taken for stuck and ended like an orphan. */
const SHUTDOWN_MS = 8_000;

/** Runtime.remove: everything that runs, then what it left on disk; with `volumes` data and logs too. */
export async function removeEnvironment(
  environment: Environment,
  layout: Layout,
  { volumes, platform }: { volumes: boolean; platform: NodeJS.Platform },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const removed: string[] = [];
  // Asked before the records are gone.
  const recorded = await supervisorIn(layout.supervisorFile, environment.id);
  using supervisor = await findSupervisor(environment, layout, signal);
  if (supervisor !== null) removed.push(...(await shutDown(supervisor, signal)));
  const left = await findProcesses(environment.id, layout, platform);
  await endProcesses(left);
  removed.push(...left.map(({ service, pid }) => `${service ?? 'supervisor'} (pid ${pid})`));

  const databases = [layout.postgresData, join(layout.machineDataDir, 'postgres')];
  for (const database of databases) await clearSharedMemory(database);
  const { ownDir } = controlSocket(environment, tmpdir());
  for (const path of [layout.runDir, ...(await writtenFiles(environment))]) await removeTree(path);
  for (const dir of [recorded?.socketDir, ownDir]) await removeSocketDir(dir);
  if (!volumes) return removed;
  for (const path of [layout.dataDir, layout.machineDataDir, layout.logsDir]) {
    if (await isThere(path)) removed.push(`${path === layout.logsDir ? 'logs' : 'data'} in ${path}`);
    await removeTree(path);
  }
  // The folder of all environments, when this was the last one.
  await rmdir(dirname(layout.machineDataDir)).catch(() => undefined);
  return removed;
}

async function shutDown(supervisor: SupervisorClient, signal: AbortSignal): Promise<string[]> {
  const { services } = await supervisor.status(signal);
  const identity = await identify(supervisor.pid);
  try {
    await supervisor.request({ op: 'shutdown' }, AbortSignal.any([signal, AbortSignal.timeout(SHUTDOWN_MS)]));
  } catch {
    // Stuck, or killed meanwhile: what is left is ended as orphans.
    signal.throwIfAborted();
  }
  if (identity !== null) await waitGone(identity, 1_000);
  return services.map(({ service, pid }) => (pid === undefined ? service : `${service} (pid ${pid})`));
}

/** What a start writes, credentials in it, whatever the number of servers was then. */
async function writtenFiles({ stateDir }: Environment): Promise<string[]> {
  const names = await readdir(stateDir).catch(() => []);
  return names
    .filter((name) => name === TLS_FOLDER || /^nats(-\d+)?\.conf$/.test(name))
    .map((name) => join(stateDir, name));
}

/** Only what we put there: the folder's name came out of a file. */
async function removeSocketDir(dir: string | undefined): Promise<void> {
  if (dir === undefined) return;
  await unlink(join(dir, 's')).catch(() => undefined);
  await rmdir(dir).catch(() => undefined);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
