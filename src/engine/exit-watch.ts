import { DevenvError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { LogLine, Runtime, ServiceExit } from '../runtime/runtime.ts';
import type { Environment } from '../topology/deployment.ts';

/** How many of its last lines a dead service is quoted with. */
const QUOTED_LINES = 20;
/** Lines about it that may stand between them in its log. */
const REMARKS_BETWEEN = 5;

/**
 * Tells waits that what they wait for has exited. Watching begins once something has been started, so it looks once
 * at what already happened before it listens for more.
 */
export class ExitWatch {
  readonly #runtime: Runtime;
  readonly #environment: Environment;
  readonly #emit: Emit;
  readonly #over: AbortController = new AbortController();
  readonly #signal: AbortSignal;
  readonly #exits = new Map<string, ServiceExit>();
  readonly #waiting = new Map<string, Set<(exit: ServiceExit) => void>>();
  #listening = false;

  constructor(
    runtime: Runtime,
    environment: Environment,
    { emit, signal }: { emit: Emit; signal: AbortSignal },
  ) {
    this.#runtime = runtime;
    this.#environment = environment;
    this.#emit = emit;
    this.#signal = AbortSignal.any([signal, this.#over.signal]);
  }

  /** To be called after `services` were started. */
  async begin(services: readonly string[]): Promise<void> {
    if (!this.#listening) {
      this.#listening = true;
      void this.#listen();
    }
    for (const seen of await this.#runtime.observe(this.#environment, this.#signal)) {
      const exited = seen.state === 'exited' || seen.state === 'backoff' || seen.restarts > 0;
      if (!services.includes(seen.service) || !exited) continue;
      const { code, signal } = seen.lastExit ?? { code: null, signal: null };
      this.#record({ service: seen.service, code, signal, willRestart: seen.state === 'backoff' });
    }
  }

  /** Rejects with SERVICE_DIED, its status and its last lines, as soon as `service` exits. */
  async died(service: string, signal: AbortSignal): Promise<never> {
    const exit = await this.#exitOf(service, signal);
    const lines = await lastLines(this.#runtime, this.#environment, service, QUOTED_LINES, this.#signal);
    throw serviceDied(exit, lines);
  }

  end(): void {
    this.#over.abort();
  }

  #exitOf(service: string, signal: AbortSignal): Promise<ServiceExit> {
    const known = this.#exits.get(service);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(service) ?? new Set();
      this.#waiting.set(service, waiting.add(resolve));
      signal.addEventListener('abort', () => waiting.delete(resolve), { once: true });
    });
  }

  async #listen(): Promise<void> {
    try {
      for await (const exit of this.#runtime.exits(this.#environment, this.#signal)) this.#record(exit);
    } catch (error) {
      if (!this.#signal.aborted) {
        const text = error instanceof Error ? error.message : String(error);
        this.#emit({ type: 'note', level: 'warn', text: `exits of services can no longer be seen: ${text}` });
      }
    }
  }

  #record(exit: ServiceExit): void {
    if (this.#exits.has(exit.service)) return;
    this.#exits.set(exit.service, exit);
    this.#emit({ type: 'service-exited', ...exit });
    for (const resolve of this.#waiting.get(exit.service) ?? []) resolve(exit);
  }
}

/** The last lines that a service itself wrote; none when its log cannot be read, because a quote must never hide the error. */
export async function lastLines(
  runtime: Runtime,
  environment: Environment,
  service: string,
  count: number,
  signal: AbortSignal,
): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  const tail = count + REMARKS_BETWEEN;
  try {
    const query = { services: [service], follow: false, tail };
    for await (const line of runtime.logs(environment, query, signal)) {
      if (line.remark !== true) lines.push(line);
    }
  } catch {
    return lines;
  }
  return lines.slice(-count);
}

function serviceDied({ service, code, signal }: ServiceExit, lines: readonly LogLine[]): DevenvError {
  const how = signal === null ? `with status ${code ?? 'unknown'}` : `by ${signal}`;
  return new DevenvError(
    'SERVICE_DIED',
    `${service} exited ${how} while devenv waited for it to become ready`,
    {
      hint: lines.length > 0 ? 'Its last lines are above.' : `It wrote nothing to its log.`,
      details: lines.map(({ at, text }) => `${at} ${service} | ${text}`),
    },
  );
}
