import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { identify, isAlive, type ProcessRef, terminate } from '../../adapters/processes.ts';
import { ENVIRONMENT_MARKER, type Layout, SERVICE_MARKER, SUPERVISOR_MARKER } from './layout.ts';
import type { ChildRecord } from './supervisor/records.ts';

/** A process of an environment, found without asking its supervisor. */
export interface FoundProcess extends ProcessRef {
  /** null = the supervisor itself. */
  service: string | null;
}

/** Which service of an environment a process says it is; undefined when it is none of it. Pure. */
export function serviceOfMarkers(variables: readonly string[], id: string): string | null | undefined {
  const read = (name: string) =>
    variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  if (read(SUPERVISOR_MARKER) === id) return null;
  return read(ENVIRONMENT_MARKER) === id ? (read(SERVICE_MARKER) ?? 'unknown') : undefined;
}

/**
 * Everything of an environment that runs, found by its markers and by the records on disk, whatever else is left.
 * The running process itself is never among them, even when it was started by a service of that environment.
 */
export async function findProcesses(
  id: string,
  layout: Layout,
  platform: NodeJS.Platform = process.platform,
): Promise<readonly FoundProcess[]> {
  const marked = platform === 'linux' ? markedOnLinux(id) : await markedByPs(id);
  const found = new Map<number, FoundProcess>();
  for (const { pid, service } of marked) {
    const identity = pid === process.pid ? null : await identify(pid);
    if (identity !== null) found.set(pid, { pid, startedAt: identity.startedAt, service });
  }
  for (const { service, pid, startedAt } of await recordsIn(layout.recordsFile, id)) {
    if (startedAt === undefined || found.has(pid) || pid === process.pid) continue;
    if ((await identify(pid))?.startedAt === startedAt) found.set(pid, { pid, startedAt, service });
  }
  const supervisor = await supervisorIn(layout.supervisorFile, id);
  if (supervisor !== undefined && !found.has(supervisor.pid) && (await isAlive(supervisor)))
    found.set(supervisor.pid, { pid: supervisor.pid, startedAt: supervisor.startedAt, service: null });
  return [...found.values()];
}

/** Ends processes, the supervisor first so that it brings nothing back. Postgres and its like get their own signal. */
export async function endProcesses(
  processes: readonly FoundProcess[],
  { graceMs = 2_000 }: { graceMs?: number } = {},
): Promise<void> {
  // SIGKILL at once: it is here because it does not answer, and its children are ended below.
  for (const supervisor of processes.filter(({ service }) => service === null))
    await terminate(supervisor, { signal: 'SIGKILL' });
  await Promise.all(
    processes
      .filter(({ service }) => service !== null)
      // SIGINT is the fast shutdown of Postgres; nats-server and Node programs end on it just as well.
      .map((child) =>
        terminate(child, { signal: child.service === 'postgres' ? 'SIGINT' : 'SIGTERM', graceMs }),
      ),
  );
}

interface Marked {
  pid: number;
  service: string | null;
}

/** Synchronous on purpose: a hundred small reads cost 2 ms this way and ten times that through the thread pool. */
function markedOnLinux(id: string): Marked[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/environ`, 'latin1');
      if (!text.includes(id)) return [];
      const service = serviceOfMarkers(text.split('\0'), id);
      return service === undefined ? [] : [{ pid: Number(name), service }];
    } catch {
      // Gone meanwhile, or another user's.
      return [];
    }
  });
}

/** `ps -axEww -o pid=,command=` prints the environment behind the command, for the caller's own processes. */
export function parsePsEnvironment(text: string, id: string): Marked[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, rest] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined || !rest.includes(id)) return [];
    const service = serviceOfMarkers(rest.split(' '), id);
    return service === undefined ? [] : [{ pid: Number(pid), service }];
  });
}

const markedByPs = (id: string): Promise<Marked[]> =>
  new Promise((resolve) => {
    const options = { maxBuffer: 32 << 20, timeout: 5_000 };
    execFile('ps', ['-axEww', '-o', 'pid=,command='], options, (_error, stdout) =>
      resolve(parsePsEnvironment(stdout, id)),
    );
  });

/** A file cut by a full disk or written by hand is no record: the markers remain. */
async function parsed(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Records of another environment are those of the project from which this one's folder was copied: not ours to end. */
async function recordsIn(path: string, id: string): Promise<readonly ChildRecord[]> {
  const value = await parsed(path);
  return Array.isArray(value)
    ? value.filter(
        (record): record is ChildRecord =>
          record?.environment === id &&
          typeof record.service === 'string' &&
          Number.isSafeInteger(record.pid),
      )
    : [];
}

export interface SupervisorRecord extends ProcessRef {
  socket: string;
  socketDir?: string;
}

export async function supervisorIn(path: string, id: string): Promise<SupervisorRecord | undefined> {
  const value = (await parsed(path)) as
    | Partial<SupervisorRecord & { environment: string }>
    | null
    | undefined;
  const { environment, pid, startedAt, socket, socketDir } = value ?? {};
  if (environment !== id) return undefined;
  if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof socket !== 'string')
    return undefined;
  return { pid, startedAt, socket, ...(typeof socketDir === 'string' ? { socketDir } : {}) };
}
