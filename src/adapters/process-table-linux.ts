import { readdir, readFile, readlink } from 'node:fs/promises';
import { type Listener, type ProcessIdentity, type ProcessTable, printableCommand } from './process-table.ts';

/** Ticks since boot repeat after a reboot, so the boot is a part of the start time. */
let bootId: Promise<string> | undefined;
const boot = (): Promise<string> => {
  bootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim().slice(0, 8),
    () => 'boot',
  );
  return bootId;
};

const missing = (): undefined => undefined;

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

async function stat(pid: number): Promise<ReturnType<typeof parseStat>> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(missing);
  return text === undefined ? undefined : parseStat(text);
}

async function commandOf(pid: number): Promise<string> {
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (words !== '') return printableCommand(words.replaceAll('\0', ' '));
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?');
  return `[${printableCommand(name)}]`;
}

async function look(pid: number): Promise<ProcessIdentity | 'gone' | 'hidden'> {
  const found = await stat(pid);
  if (found === undefined) {
    // /proc may be mounted so that other users' processes do not show (hidepid).
    try {
      process.kill(pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'hidden' : 'gone';
    }
    // Started or ended between the two questions: ask once more.
    return (await stat(pid)) === undefined ? 'gone' : look(pid);
  }
  if (found.state === 'Z' || found.state === 'X') return 'gone';
  return { pid, startedAt: `${await boot()}:${found.ticks}`, command: await commandOf(pid) };
}

const pids = async (): Promise<number[]> =>
  (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);

async function parents(): Promise<ReadonlyMap<number, number>> {
  const all = await Promise.all((await pids()).map(async (pid) => [pid, await stat(pid)] as const));
  return new Map(
    all.flatMap(([pid, found]) =>
      found === undefined || found.state === 'Z' ? [] : ([[pid, found.parent]] as const),
    ),
  );
}

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

async function socketOwner(pid: number, inodes: ReadonlyMap<string, string>): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(missing)));
  return targets.flatMap((target) => {
    const inode = target?.match(/^socket:\[(\d+)\]$/)?.[1];
    return inode !== undefined && inodes.has(inode) ? [inode] : [];
  });
}

async function listeners(port: number): Promise<readonly Listener[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const inodes = new Map(tables.flatMap((text) => [...parseSockets(text, port)]));
  if (inodes.size === 0) return [];
  const orphans = new Map(inodes);
  const found: Listener[] = [];
  for (const pid of await pids()) {
    const owned = await socketOwner(pid, inodes);
    if (owned.length === 0) continue;
    for (const inode of owned) orphans.delete(inode);
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(missing);
    found.push({ pid, command: await commandOf(pid), ...(cwd === undefined ? {} : { cwd }) });
  }
  const users = new Set(orphans.values());
  for (const uid of users) found.push({ pid: null, command: `a process of user ${uid}` });
  return found;
}

export const linuxProcessTable: ProcessTable = { look, parents, listeners };
