import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readJson, writeJson } from '../../adapters/files.ts';
import type { Variables } from './endpoint.ts';

/** Where the docker command looks for plugins, in its order. */
const pluginFolders = (env: Variables): string[] => [
  join(env.DOCKER_CONFIG || join(homedir(), '.docker'), 'cli-plugins'),
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

/**
 * The version of Compose v2, undefined when there is none. Asking it costs about 100 ms, as much as the whole check
 * may take, so the answer is kept in the user's cache for as long as the plugin's file stays the same.
 */
export async function composeVersion(env: Variables, signal: AbortSignal): Promise<string | undefined> {
  const plugin = await findPlugin(env);
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'devenv');
  const file = join(cache, 'compose-version.json');
  if (plugin !== undefined) {
    const kept = (await readJson(file).catch(() => undefined)) as
      | { plugin?: string; version?: string }
      | undefined;
    if (kept?.plugin === plugin && typeof kept.version === 'string') return kept.version;
  }
  const version = await askVersion(env, signal);
  if (version !== undefined && plugin !== undefined) {
    // A cache that cannot be written only makes the next check slower.
    await mkdir(cache, { recursive: true })
      .then(() => writeJson(file, { plugin, version }))
      .catch(() => undefined);
  }
  return version;
}

/** Identity of the plugin's file: path, size, time. */
async function findPlugin(env: Variables): Promise<string | undefined> {
  for (const folder of pluginFolders(env)) {
    const path = join(folder, 'docker-compose');
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return `${path} ${found.size} ${found.mtimeMs}`;
  }
  return undefined;
}

async function askVersion(env: Variables, signal: AbortSignal): Promise<string | undefined> {
  const { execa } = await import('execa');
  const { stdout, failed } = await execa('docker', ['compose', 'version', '--short'], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 10_000,
    cancelSignal: signal,
    stdin: 'ignore',
  });
  signal.throwIfAborted();
  return failed || !/^v?\d/.test(stdout) ? undefined : stdout.trim().replace(/^v/, '');
}
