import { DevenvError } from '../errors.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** What a runtime is asked for; when it cannot answer at all, its check says why better than a broken connection does. */
export async function explained<T>(
  runtime: Runtime,
  signal: AbortSignal,
  asking: () => Promise<T>,
): Promise<T> {
  try {
    return await asking();
  } catch (error) {
    signal.throwIfAborted();
    // Wasted on a runtime that answers, so only now.
    if (!(error instanceof DevenvError)) await runtime.check(signal);
    throw error;
  }
}
