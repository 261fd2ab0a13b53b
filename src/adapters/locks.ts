import { createHash, randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DevenvError } from '../errors.ts';
import { ensureDir, errnoOf, unwritable } from './files.ts';
import { identify, identifySelf, isAlive, type ProcessIdentity } from './processes.ts';

/**
 * A lock between processes that needs no stale time-out: the holder is named by pid and start time, and a holder that
 * is dead, however it died, holds nothing.
 *
 * `<path>.1`, `<path>.2`, … are generations; the highest one says who holds the lock. A generation is made by link()
 * of a complete file: exclusive, and never seen half written. Releasing empties the file. The highest generation is
 * never deleted, so generations only grow, and whoever acts on an old view is told so: its link() meets an existing
 * file, or, when that generation was already cleared away, it finds itself below the highest one and steps back.
 *
 * Keep the lock beside what it protects, not inside: its folder must not be removed while anybody may wait for it.
 */
export interface LockHolder extends ProcessIdentity {
  /** What it is doing, as given in `describe`. */
  purpose: string;
  /** ISO 8601 */
  since: string;
}

export interface LockOptions {
  signal: AbortSignal;
  /** How long to wait for another holder before LOCK_TIMEOUT. */
  timeoutMs: number;
  /** What the lock is taken for, shown to those who wait: `up of orders`. */
  describe: string;
  /** Called once per holder that has to be waited for. */
  onWait?: (holder: LockHolder) => void;
}

/**
 * Runs `fn` while holding the lock and releases it whatever happens. Throws LOCK_TIMEOUT (naming the holder),
 * STATE_UNWRITABLE, or the signal's reason. Not re-entrant.
 */
export async function withLock<T>(path: string, options: LockOptions, fn: () => Promise<T>): Promise<T> {
  const generation = await acquire(path, options);
  try {
    return await fn();
  } finally {
    // Emptying needs no disk space; should it fail all the same, our end releases the lock.
    await truncate(fileOf(path, generation), 0).catch(() => undefined);
  }
}

/** Who holds the lock now; null when it is free. */
export async function lockHolder(path: string): Promise<LockHolder | null> {
  const highest = Math.max(0, ...(await generations(path)));
  return highest === 0 ? null : holderOf(path, highest);
}

const fileOf = (path: string, generation: number): string => `${path}.${generation}`;

async function acquire(path: string, { signal, timeoutMs, describe, onWait }: LockOptions): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let announced = '';
  await ensureDir(dirname(path));
  for (let pause = 5; ; pause = Math.min(pause * 1.3, 60)) {
    signal.throwIfAborted();
    const highest = Math.max(0, ...(await generations(path)));
    const holder = highest === 0 ? null : await holderOf(path, highest);
    if (holder === null) {
      if (await claim(path, highest + 1, describe)) return highest + 1;
      continue;
    }
    if (performance.now() >= deadline) throw timedOut(path, holder, timeoutMs);
    const who = `${holder.pid} ${holder.startedAt} ${holder.since}`;
    if (who !== announced) onWait?.(holder);
    announced = who;
    // Spread the waiters, so that they do not all look at the same instant.
    const ms = Math.min(pause * (0.5 + Math.random()), Math.max(1, deadline - performance.now()));
    await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Makes a generation ours. False when somebody else was first, or when it was out of date. */
async function claim(path: string, generation: number, describe: string): Promise<boolean> {
  const file = fileOf(path, generation);
  const me: LockHolder = {
    ...(await identifySelf()),
    purpose: describe,
    since: new Date().toISOString(),
  };
  const temporary = `${path}.claim-${await ownMark()}-${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(temporary, 'wx', 0o644);
    await handle.writeFile(JSON.stringify(me)).finally(() => handle.close());
    await link(temporary, file);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw unwritable(file, error);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  const all = await generations(path);
  if (Math.max(...all) !== generation) {
    await unlink(file).catch(() => undefined);
    return false;
  }
  // Lowest first: what is left after a kill in the middle is still an unbroken row that ends with ours.
  for (const old of all.filter((other) => other < generation).sort((a, b) => a - b))
    await unlink(fileOf(path, old)).catch(() => undefined);
  await clearClaims(path);
  return true;
}

async function entries(path: string, pattern: RegExp): Promise<string[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw unwritable(dirname(path), error);
  });
  return names.flatMap((name) =>
    name.startsWith(prefix) && pattern.test(name.slice(prefix.length)) ? [name.slice(prefix.length)] : [],
  );
}

const generations = async (path: string): Promise<number[]> =>
  (await entries(path, /^[1-9]\d{0,14}$/)).map(Number);

/** The living holder named by a generation; null when it was released, or its holder is dead. */
async function holderOf(path: string, generation: number): Promise<LockHolder | null> {
  const text = await readFile(fileOf(path, generation), 'utf8').catch((error: unknown) => {
    // Cleared away by a newer holder since we looked; the next look finds that one.
    if (errnoOf(error) === 'ENOENT') return '';
    throw unwritable(fileOf(path, generation), error);
  });
  const holder = parseHolder(text);
  return holder !== null && (await isAlive(holder)) ? holder : null;
}

/** Files are linked complete, so what does not parse was emptied by its holder or cut by a crash of the machine. */
function parseHolder(text: string): LockHolder | null {
  try {
    const value: Partial<LockHolder> = JSON.parse(text);
    const { pid, startedAt, command = '?', purpose = '?', since = '?' } = value;
    return typeof pid === 'number' && typeof startedAt === 'string'
      ? { pid, startedAt, command, purpose, since }
      : null;
  } catch {
    return null;
  }
}

const markOf = ({ pid, startedAt }: { pid: number; startedAt: string }): string =>
  `${pid}-${createHash('sha256').update(startedAt).digest('hex').slice(0, 8)}`;
const ownMark = async (): Promise<string> => markOf(await identifySelf());

/** Temporary files of claimants that were killed between writing and linking; the name tells whose they are. */
async function clearClaims(path: string): Promise<void> {
  for (const name of await entries(path, /^claim-\d+-[0-9a-f]{8}-[0-9a-f]{8}$/)) {
    const [, pid = '', hash = ''] = name.split('-');
    const owner = await identify(Number(pid));
    if (owner === null || markOf(owner) !== `${pid}-${hash}`)
      await unlink(join(dirname(path), `${basename(path)}.${name}`)).catch(() => undefined);
  }
}

function timedOut(path: string, holder: LockHolder, timeoutMs: number): DevenvError {
  return new DevenvError(
    'LOCK_TIMEOUT',
    `Waited ${timeoutMs / 1000} s for another devenv to finish: ${holder.purpose}, ` +
      `pid ${holder.pid} (${holder.command}), since ${holder.since}.`,
    {
      hint: `Wait for it, or end process ${holder.pid}, then run the command again.`,
      details: [`lock: ${path}`],
    },
  );
}
