import { createHash } from 'node:crypto';
import { chown, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../adapters/deadline.ts';
import { DevenvError } from '../../../errors.ts';
import type { Account } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';
import { type CommandOutcome, lastLines, runCommand } from './commands.ts';
import { placeWhole } from './place-whole.ts';

/** The role that initdb makes. It gets no password here, so nobody can log in as it over TCP. */
export const BOOTSTRAP_ROLE = 'postgres';

/**
 * How a database is made, the same on every platform: the built-in locale needs nothing of the system's. No checksums:
 * they guard against disks, and cost on every page. Not synced: a template cut short by a power cut is never renamed.
 */
const INITDB_ARGS = [
  '--username',
  BOOTSTRAP_ROLE,
  // For no role to need a password yet. Never in effect: pg_hba.conf is written before every start.
  '--auth=trust',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-data-checksums',
  '--no-sync',
  '--no-instructions',
] as const;

/**
 * An initialised data directory without any secret in it, made once per version and kept in the cache: initdb takes
 * hundreds of milliseconds, a copy takes tens. Returns its path.
 */
export async function dataTemplate(
  binaries: PostgresBinaries,
  packageVersion: string,
  cache: string,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([INITDB_ARGS, 'without forks', account?.uid ?? process.getuid?.()]))
    .digest('hex')
    .slice(0, 8);
  const path = join(cache, `postgres-template-${packageVersion}-${key}`);
  await placeWhole(path, async (partial) => {
    if (account !== undefined) await chown(partial, account.uid, account.gid);
    const data = join(partial, 'data');
    const { status, output } = await initdb(binaries.initdb, [...INITDB_ARGS, '-D', data], {
      cwd: partial,
      signal,
      account,
    });
    if (status === 0) return dropForks(data);
    throw new DevenvError(
      'POSTGRES_ABSENT',
      `The embedded Postgres does not run here: initdb ended with status ${status}.`,
      {
        hint: 'Its last lines are below; --runtime docker does not need it.',
        details: lastLines(output),
      },
    );
  });
  return join(path, 'data');
}

/**
 * Free space and visibility maps are rebuilt when they are missing ("Free Space Map" and "Visibility Map" in the
 * storage chapter of the manual); without them a copy is a quarter fewer files, and files are what copying costs.
 */
async function dropForks(data: string): Promise<void> {
  const files = await readdir(data, { recursive: true });
  const forks = files.filter((file) => /^(base|global)\/.*\d_(fsm|vm)$/.test(file));
  await Promise.all(forks.map((file) => unlink(join(data, file))));
}

async function initdb(
  program: string,
  args: readonly string[],
  options: Parameters<typeof runCommand>[2],
): Promise<CommandOutcome> {
  try {
    return await runCommand(program, args, options);
  } catch (error) {
    options.signal.throwIfAborted();
    // A system with another C library answers "no such file" for a program that is there.
    throw new DevenvError(
      'POSTGRES_ABSENT',
      `The embedded Postgres does not run here: ${messageOf(error)}.`,
      {
        hint: 'It needs glibc on Linux (not musl). Use --runtime docker.',
        cause: error,
      },
    );
  }
}
