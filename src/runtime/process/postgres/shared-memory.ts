import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What postmaster.pid says on its seventh line: key and id of the System V segment that guards the data directory. */
export function segmentIn(postmasterPid: string): { key: string; id: string } | undefined {
  const [, key, id] = /^\s*(\d+)\s+(\d+)\s*$/.exec(postmasterPid.split('\n')[6] ?? '') ?? [];
  return key === undefined || id === undefined ? undefined : { key, id };
}

/** Whether `/proc/sysvipc/shm` lists that very segment with nobody attached to it. Pure. */
export function isAbandoned({ key, id }: { key: string; id: string }, table: string): boolean {
  return table.split('\n').some((line) => {
    // key shmid perms size cpid lpid nattch uid …
    const fields = line.trim().split(/\s+/);
    // The table prints the key as a signed number, Postgres as an unsigned one.
    return (Number(fields[0]) | 0) === (Number(key) | 0) && fields[1] === id && fields[6] === '0';
  });
}

/**
 * A Postgres that was killed leaves a few bytes of System V shared memory, which the next start on the same data would
 * clear. To be called when there will be no next start, before the data is removed. Linux only: elsewhere there is no
 * table that proves that nobody uses it.
 */
export async function clearSharedMemory(dataDir: string): Promise<void> {
  const segment = segmentIn(await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => ''));
  if (segment === undefined) return;
  if (!isAbandoned(segment, await readFile('/proc/sysvipc/shm', 'utf8').catch(() => ''))) return;
  await new Promise<void>((resolve) => execFile('ipcrm', ['-m', segment.id], () => resolve()));
}
