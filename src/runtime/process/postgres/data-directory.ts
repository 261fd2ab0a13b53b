import { chmod, chown, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureDir, readText } from '../../../adapters/files.ts';
import { identify } from '../../../adapters/processes.ts';
import { DevenvError } from '../../../errors.ts';
import { ensureAccess, type PostgresAccess } from './access.ts';
import type { Account } from './account.ts';
import { lastLines, runCommand } from './commands.ts';
import { placeWhole } from './place-whole.ts';

export interface DataDirectoryOptions {
  postgres: string;
  major: string;
  /** Makes the template when it is needed; most starts find their data there. */
  template: () => Promise<string>;
  access: PostgresAccess;
  account: Account | undefined;
  platform: NodeJS.Platform;
  signal: AbortSignal;
}

/**
 * A data directory that Postgres can be started on, with the declared role and database. Nothing may run on it.
 * A copy that was cut short is never taken for a database: it gets its name last.
 */
export async function ensureDataDirectory(path: string, options: DataDirectoryOptions): Promise<void> {
  const { postgres, major, access, account, platform, signal } = options;
  await ensureDir(dirname(path), { mode: account === undefined ? 0o700 : 0o711 });
  const version = (await readText(join(path, 'PG_VERSION')))?.trim();
  if (version !== undefined) {
    if (version !== major)
      throw new DevenvError(
        'STATE_UNREADABLE',
        `${path} was made by Postgres ${version}; this one is ${major}.`,
        {
          hint: '`devenv down --volumes` removes it; the next `devenv up` makes a new one.',
        },
      );
    if (account !== undefined) await takeOver(path, account, signal);
    await clearRecycledLock(path);
    return ensureAccess(postgres, path, access, account, signal);
  }
  await rm(path, { recursive: true, force: true });
  const [template] = await Promise.all([
    options.template(),
    spreadSubfolders(dirname(path), platform, signal),
  ]);
  await placeWhole(path, async (partial) => {
    await copyInto(template, partial, platform, signal);
    if (account !== undefined) await chown(partial, account.uid, account.gid);
    await chmod(partial, 0o700);
    await ensureAccess(postgres, partial, access, account, signal);
  });
}

/** Postgres refuses data of another owner, and only root, who alone has an account to give it to, can change that. */
async function takeOver(path: string, { uid, gid }: Account, signal: AbortSignal): Promise<void> {
  if ((await stat(path)).uid === uid) return;
  const { status, output } = await runCommand('chown', ['-R', `${uid}:${gid}`, path], { cwd: '/', signal });
  if (status !== 0)
    throw new DevenvError('STATE_UNWRITABLE', `${path} cannot be given to the account that runs Postgres.`, {
      hint: '`devenv down --volumes` removes it; the next `devenv up` makes a new one.',
      details: lastLines(output),
    });
}

/**
 * Tells ext4 that the folders in this one have nothing to do with each other (chattr(1), `T`), so that each database
 * gets a fresh block group. Else a group in which a database was just removed is searched through for every file of
 * the next one, which on a file system without a journal makes a new database ten times slower. Only a hint: file
 * systems that do not know it say no, and all is well.
 */
async function spreadSubfolders(dir: string, platform: NodeJS.Platform, signal: AbortSignal): Promise<void> {
  if (platform !== 'linux') return;
  await runCommand('chattr', ['+T', dir], { cwd: '/', signal }).catch(() => signal.throwIfAborted());
}

/** Copy-on-write where the file system can; an all-zero log segment takes no room until it is used. */
async function copyInto(
  template: string,
  target: string,
  platform: NodeJS.Platform,
  signal: AbortSignal,
): Promise<void> {
  const sources = [`${template}/.`, target];
  const [best, plain] =
    platform === 'darwin'
      ? [
          ['-Rpc', ...sources],
          ['-Rp', ...sources],
        ]
      : [
          ['-a', '--reflink=auto', '--sparse=always', ...sources],
          ['-a', ...sources],
        ];
  const first = await runCommand('cp', best, { cwd: '/', signal });
  if (first.status === 0) return;
  const second = await runCommand('cp', plain, { cwd: '/', signal });
  if (second.status === 0) return;
  throw new DevenvError('STATE_UNWRITABLE', `Cannot copy a new database to ${target}.`, {
    hint: 'See whether there is space left (40 MB are needed).',
    details: lastLines(second.output),
  });
}

/**
 * postmaster.pid names the pid of the last server. When that server was killed and its pid now belongs to another
 * program of the same account (after a reboot, say), Postgres would take that program for a running server and refuse
 * to start. A dead pid is left to Postgres, which also clears the shared memory that the file names.
 */
export async function clearRecycledLock(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const holder = await identify(pid);
  if (holder !== null && !/\bpostgres\b/.test(holder.command)) await rm(file, { force: true });
}

/** Whether there is anything at a path. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
