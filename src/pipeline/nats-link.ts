import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from './logger.ts';
import { type NatsVariables, natsAddress } from './nats-address.ts';

/** First attempts come fast, because at start-up the server appears within milliseconds. */
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 250;

type Listener = (connection: NatsConnection) => void;

/**
 * A connection that is looked for until it exists and then kept for ever. `connection` is undefined while there is no
 * server, also after it was there once; what was sent meanwhile is lost, so callers ask before they send.
 */
export class NatsLink {
  readonly #variables: NatsVariables;
  readonly #name: string;
  readonly #log: Logger;
  readonly #closed = new AbortController();
  readonly #up: Listener[] = [];
  readonly #down: (() => void)[] = [];
  #held: NatsConnection | undefined;
  #isUp = false;
  #lastError = 'not connected yet';

  constructor(variables: NatsVariables, name: string, log: Logger) {
    this.#variables = variables;
    this.#name = name;
    this.#log = log;
    void this.#seek();
  }

  get connection(): NatsConnection | undefined {
    return this.#isUp ? this.#held : undefined;
  }

  /** Why there is no connection. */
  get lastError(): string {
    return this.#lastError;
  }

  /** Called at the first connection and after every reconnection. */
  onUp(listener: Listener): void {
    this.#up.push(listener);
    if (this.#isUp && this.#held !== undefined) listener(this.#held);
  }

  onDown(listener: () => void): void {
    this.#down.push(listener);
  }

  /** Sends what is buffered, then closes; does not wait for a server that is away. */
  async close(): Promise<void> {
    this.#closed.abort();
    const held = this.#held;
    if (held === undefined || held.isClosed()) return;
    if (this.#isUp) await held.drain().catch(() => held.close());
    else await held.close();
  }

  async #seek(): Promise<void> {
    for (
      let wait = FIRST_RETRY_MS;
      !this.#closed.signal.aborted;
      wait = Math.min(wait * 1.1, LAST_RETRY_MS)
    ) {
      try {
        this.#held = await connect({
          ...natsAddress(this.#variables),
          name: this.#name,
          timeout: 2000,
          maxReconnectAttempts: -1,
          reconnectTimeWait: 250,
          reconnectJitter: 0,
          pingInterval: 20_000,
          // A changed password must not end a process that will be right again after the next change.
          ignoreAuthErrorAbort: true,
        });
        void this.#follow(this.#held);
        this.#rise(this.#held);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== this.#lastError) this.#log.info({ reason }, 'waiting for nats');
        this.#lastError = reason;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.#isUp = false;
        this.#lastError = 'connection lost';
        this.#log.warn('nats connection lost');
        for (const listener of this.#down) listener();
      } else if (status.type === 'reconnect') {
        this.#rise(connection);
      } else if (status.type === 'error') {
        this.#log.warn({ reason: status.error.message }, 'nats error');
      }
    }
    this.#isUp = false;
  }

  #rise(connection: NatsConnection): void {
    this.#isUp = true;
    this.#log.info({ server: connection.getServer() }, 'nats connected');
    for (const listener of this.#up) listener(connection);
  }
}
