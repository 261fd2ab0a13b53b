import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DevenvError } from '../errors.ts';
import type { Environment } from '../topology/deployment.ts';
import { ensureDir, errnoOf, readText, writeJson } from './files.ts';
import { withLock } from './locks.ts';
import { identifySelf, isAlive, type ProcessRef } from './processes.ts';

/** Who leases: a whole Environment fits. */
export type PortOwner = Pick<Environment, 'id' | 'name' | 'projectDir' | 'stateDir'>;

/** A port set aside for an environment, from the choice until `down`, whether or not anything is bound to it. */
export interface PortLease {
  port: number;
  /** Port name: `nats`. */
  name: string;
  /** Environment id. */
  owner: string;
  environment: string;
  projectDir: string;
  stateDir: string;
  /** The process that took the lease: while it lives, the state folder may be still to come. */
  by: ProcessRef;
  /** ISO 8601 */
  since: string;
}

export interface LeaseBook {
  /** Living leases only. */
  leases: readonly PortLease[];
  /** Sentences for the user: the registry was damaged and has been rebuilt. */
  notes: readonly string[];
}

/** Where programs keep state that belongs to the machine, XDG base directory specification; overridable. */
export const stateHome = (env: NodeJS.ProcessEnv = process.env): string =>
  env.DEVENV_STATE_HOME || join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'devenv');

/**
 * Reads the leases of this machine, without those whose environment is gone, and stores what `change` returns, all
 * under one lock: ten `up`s at once see one another's choices. Null from `change` stores nothing. The registry is one
 * JSON file; damaged entries are dropped and said in `notes`, for what is bound is found by the bind probe anyhow.
 */
export async function changeLeases<T>(
  root: string,
  signal: AbortSignal,
  change: (book: LeaseBook) => Promise<{ leases: readonly PortLease[] | null; result: T }>,
): Promise<T> {
  const directory = join(root, 'ports');
  const path = join(directory, 'leases.json');
  try {
    await ensureDir(directory, { mode: 0o700 });
    return await withLock(
      join(directory, 'lock'),
      { signal, timeoutMs: 30_000, describe: 'choosing ports' },
      async () => {
        const book = await readBook(path);
        const { leases, result } = await change(book);
        if (leases !== null) await writeJson(path, { version: 1, leases }, { mode: 0o600 });
        return result;
      },
    );
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code !== 'STATE_UNWRITABLE') throw error;
    throw new DevenvError(error.code, error.message, {
      hint: `${error.hint ?? ''} Port leases are kept under ${root}; DEVENV_STATE_HOME names another folder.`.trim(),
      cause: error,
    });
  }
}

async function readBook(path: string): Promise<LeaseBook> {
  const text = await readText(path);
  const entries = text === undefined ? [] : parseLeases(text);
  const leases = (entries ?? []).filter((entry) => entry !== null);
  const living = await Promise.all(leases.map(isLiving));
  const damaged = entries === null || leases.length < entries.length;
  return {
    leases: leases.filter((_, index) => living[index]),
    notes: damaged ? [`The port registry ${path} was damaged; what could not be read has been dropped.`] : [],
  };
}

/** Entries of a registry, null for each one that is no lease; null when it is no registry at all. */
export function parseLeases(text: string): (PortLease | null)[] | null {
  try {
    const value: unknown = JSON.parse(text);
    const leases = typeof value === 'object' && value !== null && 'leases' in value ? value.leases : null;
    return Array.isArray(leases) ? leases.map(parseLease) : null;
  } catch {
    return null;
  }
}

function parseLease(value: unknown): PortLease | null {
  if (typeof value !== 'object' || value === null) return null;
  const { port, by, ...texts } = value as Partial<PortLease>;
  const { name, owner, environment, projectDir, stateDir, since } = texts;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
  for (const text of [name, owner, environment, projectDir, stateDir, since])
    if (typeof text !== 'string') return null;
  if (typeof by?.pid !== 'number' || typeof by.startedAt !== 'string') return null;
  return value as PortLease;
}

/** Its project is there, and so is its state folder, or the `up` that is about to make one still runs. */
async function isLiving(lease: PortLease): Promise<boolean> {
  if (await isGone(lease.projectDir)) return false;
  return !(await isGone(lease.stateDir)) || (await isAlive(lease.by));
}

/** Only what is surely gone; a folder that cannot be looked at may still be there. */
const isGone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR',
  );

/** Leases of an owner for the ports that were chosen. */
export async function leasesFor(owner: PortOwner, ports: ReadonlyMap<string, number>): Promise<PortLease[]> {
  const { pid, startedAt } = await identifySelf();
  const since = new Date().toISOString();
  return [...ports].map(([name, port]) => ({
    port,
    name,
    owner: owner.id,
    environment: owner.name,
    projectDir: owner.projectDir,
    stateDir: owner.stateDir,
    by: { pid, startedAt },
    since,
  }));
}
