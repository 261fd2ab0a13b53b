import type { Environment } from '../../topology/deployment.ts';
import type { ServiceExit } from '../runtime.ts';
import type { EngineClient } from './engine-client.ts';
import { containerEvents } from './engine-events.ts';
import { exitOf } from './signals.ts';

/** When this process itself stopped which container: an end within such a time is no news, a later one is. */
export class OwnStops {
  readonly #times: { ids: ReadonlySet<string>; from: number; to: number }[] = [];

  async during<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
    const time = { ids: new Set(ids), from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.#times.push(time);
    try {
      return await work();
    } finally {
      time.to = Date.now() + 1;
    }
  }

  covers(id: string, at: number): boolean {
    return this.#times.some(({ ids, from, to }) => ids.has(id) && at >= from && at <= to);
  }
}

/** Services that stop by themselves from the moment of the call on. */
export function watchExits(
  client: EngineClient,
  environment: Environment,
  { ownStops, signal }: { ownStops: OwnStops; signal: AbortSignal },
): AsyncIterable<ServiceExit> {
  const since = new Date();
  return (async function* () {
    for await (const event of containerEvents(client, environment, { actions: ['die'], since, signal })) {
      if (ownStops.covers(event.container, event.at)) continue;
      yield {
        service: event.service,
        ...exitOf(event.status),
        // The restart policy is on-failure; one-shot success is left alone.
        willRestart: event.status !== 0,
      };
    }
  })();
}
