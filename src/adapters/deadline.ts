/** What bounds one attempt at something outside this process. */
export interface Bounds {
  signal: AbortSignal;
  timeoutMs: number;
}

/** The answer of a readiness check: never a reason to throw, always a reason to show. */
export interface Readiness {
  ready: boolean;
  /** What was asked and what came back, in a few words, without secrets. */
  detail: string;
  version?: string;
}

export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/**
 * Runs `work` under a signal that aborts at the deadline or with the caller's signal, and rejects at that moment even
 * when `work` ignores it: a peer that accepts and then says nothing must not hold anybody. Rejects with the caller's
 * reason, a DeadlineError, or what `work` rejects with.
 */
export async function bounded<T>(
  { signal, timeoutMs }: Bounds,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const inner = new AbortController();
  // Not AbortSignal.any: on Node 20 its composites stay reachable from a long-lived source, and this runs every 10 ms.
  const forward = () => inner.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => inner.abort(new DeadlineError(timeoutMs)), timeoutMs);
  try {
    return await new Promise<T>((resolve, reject) => {
      inner.signal.addEventListener('abort', () => reject(inner.signal.reason), { once: true });
      work(inner.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
    // Whatever part of the work is still under way has nobody waiting for it any more.
    inner.abort(new Error('over'));
  }
}

/** The text of any thrown value; AggregateError (a dual-stack connect) has an empty message of its own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
