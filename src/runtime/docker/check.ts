import { errnoOf } from '../../adapters/files.ts';
import { DevenvError } from '../../errors.ts';
import { composeVersion } from './compose-version.ts';
import type { Endpoint } from './endpoint.ts';
import { type EngineClient, EngineError } from './engine-client.ts';

/** Engine 20.10, the oldest that Compose v2 still supports and that this runtime is tested on. */
const OLDEST_API = '1.41';
/** The first with `create --pull`, `include` and the fixes that rendered files rely on. */
const OLDEST_COMPOSE = '2.20.0';
const ANSWER_WITHIN_MS = 5_000;

interface EngineVersion {
  Version: string;
  ApiVersion: string;
}

/** Throws the reason why docker cannot be used here, with what to do about it. */
export async function checkDocker(client: EngineClient, signal: AbortSignal): Promise<{ summary: string }> {
  const endpoint = await client.endpoint();
  const [engine, compose] = await Promise.all([
    engineVersion(client, endpoint, signal),
    composeVersion(client.env, signal),
  ]);
  if (isOlder(engine.ApiVersion, OLDEST_API)) {
    throw new DevenvError(
      'DOCKER_TOO_OLD',
      `Docker ${engine.Version} speaks API ${engine.ApiVersion}; devenv needs ${OLDEST_API} (Docker 20.10) or newer.`,
      { hint: 'Update the Docker engine, or use --runtime process.' },
    );
  }
  if (compose === undefined) {
    throw new DevenvError(
      'COMPOSE_ABSENT',
      'Docker answers, but `docker compose` (Compose v2) is not installed.',
      {
        hint: 'Install the Compose plugin (package docker-compose-plugin, or docker-compose-v2), or use --runtime process.',
      },
    );
  }
  if (isOlder(compose, OLDEST_COMPOSE)) {
    throw new DevenvError(
      'COMPOSE_TOO_OLD',
      `Compose ${compose} is too old; devenv needs ${OLDEST_COMPOSE} or newer.`,
      {
        hint: 'Update the Compose plugin, or use --runtime process.',
      },
    );
  }
  return { summary: `Docker ${engine.Version}, Compose ${compose}` };
}

async function engineVersion(
  client: EngineClient,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<EngineVersion> {
  const deadline = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    return await client.call<EngineVersion>('GET', '/version', {
      signal: AbortSignal.any([signal, deadline]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw explain(error, endpoint, deadline.aborted);
  }
}

/** Why no engine answered at `endpoint`, told apart by the system's error code. */
export function explain(error: unknown, { host, from }: Endpoint, timedOut: boolean): DevenvError {
  const where = `${host} (${from})`;
  const code = errnoOf(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new DevenvError('DOCKER_NOT_PERMITTED', `No permission to use the Docker engine at ${where}.`, {
      hint: 'Add yourself to its group (`sudo usermod -aG docker $USER`, then log in again), set up rootless Docker, or use --runtime process.',
      cause: error,
    });
  }
  if (code === 'ENOENT') {
    return new DevenvError('DOCKER_ABSENT', `No Docker engine: ${where} does not exist.`, {
      hint: 'Install and start Docker, set DOCKER_HOST if its socket is elsewhere, or use --runtime process.',
      cause: error,
    });
  }
  const seen = timedOut
    ? `no answer within ${ANSWER_WITHIN_MS / 1000} s`
    : code === 'ECONNREFUSED'
      ? 'nothing listens there'
      : describe(error);
  return new DevenvError('DOCKER_ABSENT', `The Docker engine at ${where} is not running: ${seen}.`, {
    hint: 'Start it (`sudo systemctl start docker`, or Docker Desktop), or use --runtime process.',
    cause: error,
  });
}

const describe = (error: unknown): string =>
  error instanceof EngineError
    ? `HTTP ${error.status} ${error.message}`
    : error instanceof Error
      ? error.message
      : String(error);

/** Compares dotted numbers; suffixes (`+dfsg1`, `-3`, `-desktop.1`) do not count. */
export function isOlder(version: string, wanted: string): boolean {
  const numbers = (text: string) => (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? '0').split('.').map(Number);
  const [have, need] = [numbers(version), numbers(wanted)];
  for (const [index, part] of need.entries()) {
    const mine = have[index] ?? 0;
    if (mine !== part) return mine < part;
  }
  return false;
}
