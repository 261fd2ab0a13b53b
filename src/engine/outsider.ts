import type { Ask } from './readiness.ts';

/** In a cluster that comes up well, the leader has counted everybody in within half a second. */
const OUTSIDE_FOR_MS = 3_000;

/** Asks like `ask`; a server that its cluster has left outside is started again, once, which is what gets it in. */
export function lettingIn(ask: Ask, restart: () => Promise<void>, now: () => number): Ask {
  let since: number | undefined;
  let restarted = false;
  return async (options) => {
    const check = await ask(options);
    if (check.outside !== true) {
      since = undefined;
      return check;
    }
    since ??= now();
    if (!restarted && now() - since >= OUTSIDE_FOR_MS) {
      restarted = true;
      await restart();
    }
    return check;
  };
}
