import { setTimeout as delay } from 'node:timers/promises';
import type { Listener, ProcessIdentity, ProcessRef, ProcessTable } from './process-table.ts';
import { darwinProcessTable } from './process-table-darwin.ts';
import { linuxProcessTable } from './process-table-linux.ts';

export type { Listener, ProcessIdentity, ProcessRef } from './process-table.ts';

const table: ProcessTable = process.platform === 'darwin' ? darwinProcessTable : linuxProcessTable;

const isPid = (pid: number): boolean => Number.isSafeInteger(pid) && pid > 0;

/** Who has this pid now; null when nobody, a zombie, or somebody we may not look at. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  if (!isPid(pid)) return null;
  const found = await table.look(pid);
  return typeof found === 'string' ? null : found;
}

/** The running process; its identity never changes, so it is asked once. */
let self: Promise<ProcessIdentity> | undefined;
export function identifySelf(): Promise<ProcessIdentity> {
  self ??= identify(process.pid).then(
    (found) => found ?? { pid: process.pid, startedAt: 'unknown', command: process.argv.join(' ') },
  );
  return self;
}

/** Is it still that very process? A process that may not be looked at counts as alive: its death cannot be shown. */
export async function isAlive(ref: ProcessRef): Promise<boolean> {
  if (!isPid(ref.pid)) return false;
  const found = await table.look(ref.pid);
  if (found === 'hidden') return true;
  return found !== 'gone' && found.startedAt === ref.startedAt;
}

/** Every process below `pid`, nearest first, without itself. A snapshot: re-ask after ending some of them. */
export async function descendants(pid: number): Promise<readonly ProcessIdentity[]> {
  const children = new Map<number, number[]>();
  for (const [child, parent] of await table.parents())
    children.set(parent, [...(children.get(parent) ?? []), child]);
  const below: number[] = [];
  const seen = new Set([pid]);
  const queue = [pid];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const child of children.get(next) ?? []) {
      if (seen.has(child)) continue;
      seen.add(child);
      below.push(child);
      queue.push(child);
    }
  }
  const found = await Promise.all(below.map((child) => identify(child)));
  return found.filter((identity) => identity !== null);
}

/** Sends a signal if the pid still names that very process; false when it is gone. Throws EPERM of another user's. */
export async function signalProcess(ref: ProcessRef, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(ref))) return false;
  try {
    process.kill(ref.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until the process is gone; false when it is still there after `timeoutMs`. */
export async function waitGone(ref: ProcessRef, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 50)) {
    if (!(await isAlive(ref))) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await delay(Math.min(pause, left));
  }
}

/** How a process ended; `survived` = not even SIGKILL within two seconds (stuck in the kernel). */
export type Termination = 'already-gone' | 'stopped' | 'killed' | 'survived';

/**
 * Asks a process to stop and, after `graceMs`, ends it with SIGKILL. A recycled pid is never signalled: identity is
 * checked before each signal.
 */
export async function terminate(
  ref: ProcessRef,
  { signal = 'SIGTERM', graceMs = 5_000 }: { signal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<Termination> {
  if (!(await signalProcess(ref, signal))) return 'already-gone';
  if (await waitGone(ref, graceMs)) return signal === 'SIGKILL' ? 'killed' : 'stopped';
  if (!(await signalProcess(ref, 'SIGKILL'))) return 'stopped';
  return (await waitGone(ref, 2_000)) ? 'killed' : 'survived';
}

/** Who listens on a TCP port of this machine, on whatever address. Empty when nobody, or nobody who can be seen. */
export const listenersOf = (port: number): Promise<readonly Listener[]> => table.listeners(port);
