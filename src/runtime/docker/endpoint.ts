import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DevenvError } from '../../errors.ts';

/** Where the engine listens, and how it came to be chosen, for messages. */
export interface Endpoint {
  /** As DOCKER_HOST would have it: `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`. */
  host: string;
  from: string;
  connection: { socketPath: string } | { host: string; port: number };
}

export type Variables = Readonly<Record<string, string | undefined>>;

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/**
 * The endpoint that the docker command would use: DOCKER_HOST, else the context of DOCKER_CONTEXT or of the docker
 * configuration, else the default socket. Read from the files themselves, because asking `docker context inspect` costs more
 * than everything else in a check. Throws PLATFORM_UNSUPPORTED for an engine on another machine.
 */
export async function findEndpoint(variables: Variables): Promise<Endpoint> {
  const set = variables.DOCKER_HOST;
  if (set) return parseHost(set, 'DOCKER_HOST');
  const folder = variables.DOCKER_CONFIG || join(homedir(), '.docker');
  const context = variables.DOCKER_CONTEXT || (await currentContext(folder));
  if (!context || context === 'default') return parseHost(DEFAULT_HOST, 'the default socket');
  const host = await contextHost(folder, context);
  if (host === undefined) {
    throw new DevenvError('DOCKER_ABSENT', `The docker context "${context}" does not exist in ${folder}.`, {
      hint: 'Choose one of `docker context ls` with `docker context use`, or unset DOCKER_CONTEXT.',
    });
  }
  return parseHost(host, `docker context "${context}"`);
}

export function parseHost(host: string, from: string): Endpoint {
  if (host.startsWith('unix://'))
    return { host, from, connection: { socketPath: host.slice('unix://'.length) } };
  const tcp = /^(?:tcp|http):\/\/(localhost|127\.[\d.]+|\[::1\]):(\d+)\/?$/.exec(host);
  if (tcp) return { host, from, connection: { host: tcp[1]!.replace(/^\[|\]$/g, ''), port: Number(tcp[2]) } };
  throw new DevenvError(
    'PLATFORM_UNSUPPORTED',
    `The Docker engine of ${from} (${host}) is not on this machine.`,
    {
      hint: 'devenv publishes ports on 127.0.0.1 and mounts files of this machine, so it needs a local engine: unset DOCKER_HOST and DOCKER_CONTEXT, or use --runtime process.',
    },
  );
}

async function currentContext(folder: string): Promise<string | undefined> {
  const settings = await readObject(join(folder, 'config.json'));
  return typeof settings?.currentContext === 'string' ? settings.currentContext : undefined;
}

async function contextHost(folder: string, name: string): Promise<string | undefined> {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readObject(join(folder, 'contexts', 'meta', id, 'meta.json'));
  const endpoints = meta?.Endpoints as { docker?: { Host?: unknown } } | undefined;
  return typeof endpoints?.docker?.Host === 'string' ? endpoints.docker.Host : undefined;
}

/** A file that is missing or broken counts as not there: the docker command does the same. */
async function readObject(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
