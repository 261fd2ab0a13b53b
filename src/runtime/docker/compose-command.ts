import { join } from 'node:path';
import type { Environment } from '../../topology/deployment.ts';
import type { EngineClient } from './engine-client.ts';
import { explainCompose } from './engine-errors.ts';

/** Enough to see the error and what led to it. */
const LAST_LINES = 12;

/** Runs `docker compose` on the rendered file of an environment, without a terminal. Throws what its output says. */
export async function runCompose(
  client: EngineClient,
  environment: Environment,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { execa } = await import('execa');
  const { host } = await client.endpoint();
  const { stateDir, id } = environment;
  const { failed, all, shortMessage } = await execa(
    'docker',
    [
      'compose',
      '--project-name',
      id,
      '--project-directory',
      stateDir,
      '--file',
      join(stateDir, 'compose.yaml'),
      '--progress',
      'quiet',
      ...args,
    ],
    {
      // The endpoint is decided; a context or settings of the caller's shell must not lead elsewhere.
      env: { ...withoutCompose(client.env), DOCKER_HOST: host },
      extendEnv: false,
      reject: false,
      all: true,
      stdin: 'ignore',
      cancelSignal: signal,
      // Ctrl-C reaches a whole process group; Compose is ended by the signal alone, in one way only.
      detached: true,
    },
  );
  signal.throwIfAborted();
  if (!failed) return;
  const lines = all.split('\n').filter((line) => line.trim() !== '');
  throw explainCompose(`docker compose ${args[0]}`, lines.slice(-LAST_LINES), shortMessage ?? 'no output');
}

/** COMPOSE_* and DOCKER_CONTEXT change what the same command line means. */
function withoutCompose(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && entry[0] !== 'DOCKER_CONTEXT' && !entry[0].startsWith('COMPOSE_'),
    ),
  );
}
