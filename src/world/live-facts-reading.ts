import { type Bounds, bounded, messageOf } from '../adapters/deadline.ts';
import type { Reading } from '../doctor/facts.ts';

/** So that whoever asks says himself what did not answer; only what ignores its deadline is cut off here. */
const GRACE_MS = 250;

/**
 * Asks something of a running system: its answer, or the reason why there is none. What does not answer in time is left
 * alone; only the caller's own abort is thrown.
 */
export async function reading<T>(
  { signal, timeoutMs }: Bounds,
  ask: (bounds: Bounds) => Promise<T>,
): Promise<Reading<T>> {
  try {
    return {
      ok: true,
      value: await bounded({ signal, timeoutMs: timeoutMs + GRACE_MS }, (inner) =>
        ask({ signal: inner, timeoutMs }),
      ),
    };
  } catch (error) {
    signal.throwIfAborted();
    return unknown(messageOf(error));
  }
}

/** One line, whatever a server, a library or a stack trace put into it. */
export const unknown = (reason: string): { ok: false; reason: string } => ({
  ok: false,
  reason: reason
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300),
});

/** Works on all of them, a few at a time. Results are in the order of the items. */
export async function eachOf<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at]!);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}
