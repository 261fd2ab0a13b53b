import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { DevenvError } from '../../../errors.ts';
import { compareVersions, inspect, isTooOld, OLDEST } from './version.ts';

export interface NatsServer {
  program: string;
  version: string;
}

export interface Lookup {
  found: NatsServer | null;
  /** Why each source before the one that was taken was not: `PATH: /usr/bin/nats-server is 2.9.10, older than 2.10`. */
  passed: readonly string[];
}

export interface LookupOptions {
  /** topology.nats.binary */
  setting: string | undefined;
  wanted: string;
  env: NodeJS.ProcessEnv;
  cache: string;
  signal: AbortSignal;
}

/** A nats-server that is already on this machine: the setting, then the PATH, then the cache. */
export async function lookupNatsServer(options: LookupOptions): Promise<Lookup> {
  if (options.setting !== undefined) return { found: await set(options.setting, options), passed: [] };
  const passed: string[] = [];
  const onPath = await pathPrograms(options.env.PATH ?? '');
  for (const program of onPath) {
    const usable = await usableAt(program, options, (reason) => passed.push(`PATH: ${reason}`));
    if (usable !== null) return { found: usable, passed };
  }
  if (onPath.length === 0) passed.push('PATH: no nats-server in it');
  const inCache = await cachedVersions(options);
  for (const version of inCache) {
    const program = cachedProgram(options.cache, version);
    const usable = await usableAt(program, options, (reason) => passed.push(`cache: ${reason}`));
    if (usable !== null) return { found: usable, passed };
  }
  if (inCache.length === 0) passed.push(`cache: none in ${join(options.cache, 'nats-server')}`);
  return { found: null, passed };
}

export const cachedProgram = (cache: string, version: string): string =>
  join(cache, 'nats-server', version, 'nats-server');

/** What the user named is taken or refused; going on to another one would hide the mistake. */
async function set(program: string, { cache, signal }: LookupOptions): Promise<NatsServer> {
  const inspection = await inspect(program, cache, signal);
  if ('failure' in inspection)
    throw new DevenvError('NATS_SERVER_ABSENT', `nats.binary is ${program}, and ${inspection.failure}.`, {
      hint: 'Correct nats.binary (or DEVENV_NATS_SERVER), or remove it: devenv finds or downloads one.',
    });
  if (isTooOld(inspection.version))
    throw new DevenvError(
      'NATS_SERVER_TOO_OLD',
      `nats.binary is ${program}, version ${inspection.version}; devenv needs ${OLDEST} or newer.`,
      {
        hint: 'Point nats.binary (or DEVENV_NATS_SERVER) to a newer one, or remove it: devenv finds or downloads one.',
      },
    );
  return { program, version: inspection.version };
}

async function usableAt(
  program: string,
  { cache, signal }: LookupOptions,
  pass: (reason: string) => void,
): Promise<NatsServer | null> {
  const inspection = await inspect(program, cache, signal);
  if ('failure' in inspection) pass(`${program}: ${inspection.failure}`);
  else if (isTooOld(inspection.version)) pass(`${program} is ${inspection.version}, older than ${OLDEST}`);
  else return { program, version: inspection.version };
  return null;
}

async function pathPrograms(path: string): Promise<string[]> {
  const candidates = [...new Set(path.split(':').filter(isAbsolute))].map((dir) => join(dir, 'nats-server'));
  const runnable = await Promise.all(
    candidates.map((program) =>
      access(program, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return candidates.filter((_, at) => runnable[at]);
}

/** The wanted version first, then the newest: any from 2.10 on will do. */
async function cachedVersions({ cache, wanted }: LookupOptions): Promise<string[]> {
  const names = await readdir(join(cache, 'nats-server')).catch(() => []);
  return names
    .filter((name) => /^\d+\.\d+\.\d+$/.test(name))
    .sort((a, b) => Number(b === wanted) - Number(a === wanted) || compareVersions(b, a));
}
