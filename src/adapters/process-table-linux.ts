import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Listener, type ProcessIdentity, type ProcessTable, printableCommand } from './process-table.ts';

/**
 * Synchronous on purpose: /proc is memory, a hundred small reads take 2 ms this way, and ten times that when each goes
 * through the thread pool.
 */
const orUndefined = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};
const contentOf = (path: string): string | undefined => orUndefined(() => readFileSync(path, 'utf8'));

/** Ticks since boot repeat after a reboot, so the boot is a part of the start time. */
let bootId: string | undefined;
function boot(): string {
  bootId ??= contentOf('/proc/sys/kernel/random/boot_id')?.trim().slice(0, 8) ?? 'boot';
  return bootId;
}

/** `/proc/<pid>/stat`, proc(5): the name in field 2 may hold spaces and parentheses, so count from the last `)`. */
export function parseStat(text: string): { state: string; parent: number; ticks: string } | undefined {
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  const [state, parent, ticks] = [fields[0], Number(fields[1]), fields[19]];
  return state === undefined || ticks === undefined || Number.isNaN(parent)
    ? undefined
    : { state, parent, ticks };
}

function stat(pid: number): ReturnType<typeof parseStat> {
  const line = contentOf(`/proc/${pid}/stat`);
  return line === undefined ? undefined : parseStat(line);
}

function commandOf(pid: number): string {
  const words = contentOf(`/proc/${pid}/cmdline`);
  if (words) return printableCommand(words.replaceAll('\0', ' '));
  return `[${printableCommand(contentOf(`/proc/${pid}/comm`) ?? '?')}]`;
}

function look(pid: number): ProcessIdentity | 'gone' | 'hidden' {
  const found = stat(pid);
  if (found === undefined) {
    // /proc may be mounted so that other users' processes do not show (hidepid).
    try {
      process.kill(pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'hidden' : 'gone';
    }
    // Started or ended between the two questions: ask once more.
    return stat(pid) === undefined ? 'gone' : look(pid);
  }
  if (found.state === 'Z' || found.state === 'X') return 'gone';
  return { pid, startedAt: `${boot()}:${found.ticks}`, command: commandOf(pid) };
}

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const parents = (): ReadonlyMap<number, number> =>
  new Map(
    pids().flatMap((pid) => {
      const found = stat(pid);
      return found === undefined || found.state === 'Z' ? [] : [[pid, found.parent] as const];
    }),
  );

/** inode → uid of the sockets that listen on a port; text of `/proc/net/tcp` or `tcp6`. */
export function parseSockets(text: string, port: number): Map<string, string> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = new Map<string, string>();
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    // sl local remote st tx:rx tr:when retransmits uid timeout inode; 0A = LISTEN.
    const [local, state, uid, inode] = [fields[1], fields[3], fields[7], fields[9]];
    if (state === '0A' && local?.endsWith(`:${hexPort}`) && inode !== undefined && uid !== undefined)
      sockets.set(inode, uid);
  }
  return sockets;
}

/** Those of the sockets that a process has open. */
function socketsOf(pid: number, inodes: ReadonlyMap<string, string>): string[] {
  const names = orUndefined(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return names.flatMap((name) => {
    const target = orUndefined(() => readlinkSync(`/proc/${pid}/fd/${name}`));
    const inode = target?.match(/^socket:\[(\d+)\]$/)?.[1];
    return inode !== undefined && inodes.has(inode) ? [inode] : [];
  });
}

function listeners(port: number): readonly Listener[] {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => contentOf(path) ?? '');
  const inodes = new Map(tables.flatMap((table) => [...parseSockets(table, port)]));
  if (inodes.size === 0) return [];
  const orphans = new Map(inodes);
  const found: Listener[] = [];
  for (const pid of pids()) {
    const owned = socketsOf(pid, inodes);
    if (owned.length === 0) continue;
    for (const inode of owned) orphans.delete(inode);
    const cwd = orUndefined(() => readlinkSync(`/proc/${pid}/cwd`));
    found.push({ pid, command: commandOf(pid), ...(cwd === undefined ? {} : { cwd }) });
  }
  for (const uid of new Set(orphans.values())) found.push({ pid: null, command: `a process of user ${uid}` });
  return found;
}

export const linuxProcessTable: ProcessTable = {
  look: async (pid) => look(pid),
  parents: async () => parents(),
  listeners: async (port) => listeners(port),
};
