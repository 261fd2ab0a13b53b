import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Environment } from '../../topology/deployment.ts';

/** Where everything of one environment lies on this machine. Pure: paths only. */
export interface Layout {
  /** What exists only while something runs: control socket, records, the supervisor's log. */
  runDir: string;
  /** `supervisor.json`: who supervises (pid, start time) and the control socket's path. */
  supervisorFile: string;
  /** `processes.json`: each child with pid and start time. */
  recordsFile: string;
  supervisorLog: string;
  lock: string;
  logsDir: string;
  dataDir: string;
  /** Postgres data when its account can reach the state folder. */
  postgresData: string;
  /** Postgres data when it cannot; see postgres/placement.ts. */
  machineDataDir: string;
}

/** `/var/lib/devenv`; only used when devenv runs as root and the project cannot be reached by another account. */
export const MACHINE_DATA_DIR = '/var/lib/devenv';

export function layoutOf(environment: Environment, machineDataDir: string = MACHINE_DATA_DIR): Layout {
  const { stateDir, id } = environment;
  const runDir = join(stateDir, 'run');
  const dataDir = join(stateDir, 'data');
  return {
    runDir,
    supervisorFile: join(runDir, 'supervisor.json'),
    recordsFile: join(runDir, 'processes.json'),
    supervisorLog: join(runDir, 'supervisor.log'),
    lock: join(runDir, 'supervisor.lock'),
    logsDir: join(stateDir, 'logs'),
    dataDir,
    postgresData: join(dataDir, 'postgres'),
    machineDataDir: join(machineDataDir, id),
  };
}

/** The configuration of a nats-server; `service` is that of `natsServers`. */
export const natsConfOf = ({ stateDir }: Environment, service: string): string =>
  join(stateDir, `${service}.conf`);

/** Its streams: each server of a cluster has its own, and a server that is alone another one. */
export const natsStoreOf = ({ dataDir }: Pick<Layout, 'dataDir'>, service: string): string =>
  join(dataDir, service);

export const logFileOf = (layout: Layout, service: string): string => join(layout.logsDir, `${service}.log`);

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, with the closing zero. */
const SOCKET_PATH_LIMIT = 100;

/**
 * The control socket: beside the records, or in a private folder of its own under the system's temp folder when that
 * path would be longer than a socket address can be.
 */
export function controlSocket(environment: Environment, tempDir: string): { path: string; ownDir?: string } {
  const path = join(environment.stateDir, 'run', 'control.sock');
  if (Buffer.byteLength(path) <= SOCKET_PATH_LIMIT) return { path };
  const hash = createHash('sha256').update(environment.stateDir).digest('hex').slice(0, 16);
  const folder = (parent: string) => join(parent, `devenv-${hash}`);
  const ownDir = [tempDir, '/tmp']
    .map(folder)
    .find((candidate) => Buffer.byteLength(join(candidate, 's')) <= SOCKET_PATH_LIMIT);
  return { path: join(ownDir ?? folder('/tmp'), 's'), ownDir: ownDir ?? folder('/tmp') };
}

/** Put into the environment of every child, so that it is found by /proc even when every file is gone. */
export const ENVIRONMENT_MARKER = 'DEVENV_ENVIRONMENT_ID';
export const SERVICE_MARKER = 'DEVENV_SERVICE';
/** The same for the supervisor itself. */
export const SUPERVISOR_MARKER = 'DEVENV_SUPERVISOR_ID';
