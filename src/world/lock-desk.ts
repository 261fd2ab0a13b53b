import { join } from 'node:path';
import { ensureDir } from '../adapters/files.ts';
import { stateHome } from '../adapters/leases.ts';
import { withLock } from '../adapters/locks.ts';
import type { World } from '../engine/world.ts';
import { DevenvError } from '../errors.ts';

/** Longer than any `up` that gets on: who waits longer waits for something that hangs. */
const WAIT_AT_MOST_MS = 10 * 60_000;

/**
 * One command at a time changes an environment. The lock is kept with the machine's state, not in the environment's
 * folder: `down --volumes` removes that folder while others may be waiting.
 */
export const lockEnvironment: World['lock'] = async ({ id, name }, { emit, signal }, body) => {
  const folder = join(stateHome(), 'locks');
  await ensureDir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof DevenvError)) throw error;
    throw new DevenvError(error.code, error.message, {
      hint: `${error.hint ?? ''} Locks are kept in your home folder; DEVENV_STATE_HOME names another one.`.trim(),
      cause: error,
    });
  });
  return withLock(
    join(folder, id),
    {
      signal,
      timeoutMs: WAIT_AT_MOST_MS,
      describe: `environment ${name}`,
      onWait: ({ pid, command }) =>
        emit({
          type: 'note',
          level: 'info',
          text: `waiting for another devenv (pid ${pid}: ${command}) to be done with ${name}`,
        }),
    },
    body,
  );
};
