import { createServer } from 'node:net';
import { withLock } from '../../../adapters/locks.ts';
import { DevenvError } from '../../../errors.ts';

/**
 * Takes the right to supervise an environment, for as long as this process lives; false when another one has it.
 *
 * On Linux by the name of an abstract socket (unix(7)): the kernel gives it to one process, takes it back at its death
 * however it died, and it outlives the deletion of every file. Elsewhere by the lock file.
 */
export async function becomeOnlySupervisor(
  environment: string,
  lock: string,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  return platform === 'linux'
    ? bindName(`\0devenv-supervisor-${process.getuid?.()}-${environment}`)
    : holdLock(lock);
}

function bindName(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(name, () => {
      server.unref();
      resolve(true);
    });
  });
}

function holdLock(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const options = { signal: new AbortController().signal, timeoutMs: 0, describe: 'supervising' };
    withLock(path, options, () => {
      resolve(true);
      // Held until the process ends; the lock knows its holder by pid and start time.
      return new Promise<never>(() => undefined);
    }).catch((error: unknown) =>
      error instanceof DevenvError && error.code === 'LOCK_TIMEOUT' ? resolve(false) : reject(error),
    );
  });
}
