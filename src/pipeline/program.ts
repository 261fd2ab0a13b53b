import { ConfigurationError } from './environment.ts';

/** Exit statuses of the pipeline's programs. */
export const EXIT = { ok: 0, failed: 1, configuration: 2 } as const;

/** How long a program may take to finish what it began before it leaves anyway; unfinished messages are redelivered. */
const DRAIN_MS = 900;

/** A running program: `stop` finishes what is in flight and closes everything. */
export interface Running {
  stop(): Promise<void>;
}

/**
 * Starts a long-running program and stops it on SIGTERM or SIGINT. The handlers are explicit, because process 1 of a
 * container has no default ones. Exit 2 with one line per wrong variable, 1 for anything unexpected, 0 after a drain.
 */
export async function runService(start: () => Promise<Running>): Promise<void> {
  let asked = () => {};
  const signal = new Promise<void>((resolve) => {
    asked = resolve;
  });
  process.on('SIGTERM', asked);
  process.on('SIGINT', asked);
  process.on('unhandledRejection', (error) => fail(error));
  try {
    const running = await Promise.race([start(), signal]);
    if (running !== undefined) {
      await signal;
      setTimeout(() => process.exit(EXIT.ok), DRAIN_MS).unref();
      await running.stop();
    }
    process.exit(EXIT.ok);
  } catch (error) {
    fail(error);
  }
}

/** Says why on stderr and ends the process. */
export function fail(error: unknown): never {
  if (error instanceof ConfigurationError) {
    process.stderr.write(`${error.problems.join('\n')}\n`);
    process.exit(EXIT.configuration);
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(EXIT.failed);
}
