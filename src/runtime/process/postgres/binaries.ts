import { lstat, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { errnoOf } from '../../../adapters/files.ts';
import { DevenvError } from '../../../errors.ts';
import { type Account, canReach } from './account.ts';
import { lastLines, runCommand } from './commands.ts';
import type { PostgresPackage } from './package.ts';
import { placeWhole } from './place-whole.ts';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

/** An entry of the package's pg-symlinks.json, paths relative to the package: npm cannot carry symbolic links. */
interface PackedLink {
  /** The file that is there. */
  source: string;
  /** The link to make. */
  target: string;
}

/**
 * Programs that can be run, by `account` when given. The package's own folder where possible; a copy in the cache when
 * the account cannot get there, or when the links of its libraries are missing (its install script was not run) and
 * cannot be made.
 */
export async function postgresBinaries(
  found: PostgresPackage,
  cache: string,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<PostgresBinaries> {
  const inPlace = programsIn(found.dir);
  const reachable = account === undefined || (await canReach(inPlace.postgres, account));
  if (reachable && (await linkLibraries(found.dir))) return inPlace;
  const copy = join(cache, `postgres-${found.packageVersion}`);
  await placeWhole(copy, async (partial) => {
    await run('cp', ['-R', join(found.dir, 'native'), `${partial}/`], signal);
    if (!(await linkLibraries(partial))) throw new Error(`cannot make links in ${partial}`);
    // A strict umask at installation must not keep the other account out.
    await run('chmod', ['-R', 'a+rX', partial], signal);
  });
  return programsIn(copy);
}

const programsIn = (dir: string): PostgresBinaries => ({
  postgres: join(dir, 'native', 'bin', 'postgres'),
  initdb: join(dir, 'native', 'bin', 'initdb'),
});

/** Makes the links that are missing. False when that folder cannot be written to. */
export async function linkLibraries(dir: string): Promise<boolean> {
  for (const { source, target } of await packedLinks(dir)) {
    const link = join(dir, target);
    if (await lstat(link).catch(() => undefined)) continue;
    try {
      await symlink(relative(dirname(link), join(dir, source)), link);
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

async function packedLinks(dir: string): Promise<readonly PackedLink[]> {
  const text = await readFile(join(dir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  // Inside the package only, whatever the file says.
  const inside = (path: unknown) =>
    typeof path === 'string' && /^native\//.test(path) && !path.includes('..');
  return (JSON.parse(text) as PackedLink[]).filter(({ source, target }) => inside(source) && inside(target));
}

async function run(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const { status, output } = await runCommand(program, args, { cwd: '/', signal });
  if (status === 0) return;
  throw new DevenvError(
    'POSTGRES_ABSENT',
    `Copying Postgres failed: ${program} ended with status ${status}.`,
    {
      hint: 'See whether there is space left in the cache folder.',
      details: lastLines(output),
    },
  );
}
