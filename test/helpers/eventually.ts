import { setTimeout as delay } from 'node:timers/promises';

/** Repeats `check` until it no longer throws; after the deadline throws what it threw last. */
export async function eventually<T>(
  check: () => Promise<T> | T,
  { withinMs = 45_000, everyMs = 20 } = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await delay(everyMs);
    }
  }
}
