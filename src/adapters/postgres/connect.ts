import { Socket } from 'node:net';
import pg from 'pg';
import { DevenvError } from '../../errors.ts';
import { type Bounds, bounded, DeadlineError, messageOf } from '../deadline.ts';
import { postgresFailure } from './failures.ts';

export interface PostgresOptions extends Bounds {
  /** `application_name`, shown in pg_stat_activity. */
  name?: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** Polite goodbyes may take this long before the socket is cut. */
const GOODBYE_MS = 250;

/** A session. `signal` of connect cuts it: a query under way then rejects with the signal's reason. */
export interface PostgresClient extends AsyncDisposable {
  query<R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Several statements in one text; results are dropped. Errors are the driver's own, with their position. */
  script(text: string): Promise<void>;
  /** Cuts the connection at once, without waiting for a query under way; the server rolls back. */
  destroy(): void;
  close(): Promise<void>;
}

/** Host, port and database of a URL, without its credentials, for messages. */
export function postgresPlace(url: string): string {
  if (!URL.canParse(url)) return 'the given address';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** Opens a session within the deadline, whatever the peer does. Rejects with the driver's or the system's error. */
export async function openSession(
  url: string,
  { signal, timeoutMs, name = 'devenv' }: PostgresOptions,
): Promise<PostgresClient> {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) throw malformed();
  // A socket of our own, because it is the only handle that ends a session at any moment of its life.
  const socket = new Socket();
  const client = new pg.Client({ connectionString: url, application_name: name, stream: () => socket });
  // Without a listener the driver's error event for a lost connection would end the process.
  client.on('error', () => {});
  try {
    await bounded({ signal, timeoutMs }, () => client.connect());
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
  return new Session(client, socket, signal);
}

/** The same, with a refusal told as NOT_READY. */
export async function connectPostgres(url: string, options: PostgresOptions): Promise<PostgresClient> {
  try {
    return await openSession(url, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof DevenvError) throw error;
    const why = error instanceof DeadlineError ? error.message : messageOf(error);
    throw new DevenvError('NOT_READY', `cannot connect to Postgres at ${postgresPlace(url)}: ${why}`, {
      cause: error,
      hint: 'See `devenv status` and `devenv logs postgres`; `devenv up` starts or repairs the server.',
    });
  }
}

class Session implements PostgresClient {
  readonly #client: pg.Client;
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.destroy();
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: pg.Client, socket: Socket, signal: AbortSignal) {
    this.#client = client;
    this.#socket = socket;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  async query<R extends Row = Row>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    this.#signal.throwIfAborted();
    try {
      return (await this.#inTurn(() => this.#client.query<R>(text, [...values]))).rows;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw postgresFailure(error);
    }
  }

  async script(text: string): Promise<void> {
    this.#signal.throwIfAborted();
    try {
      await this.#inTurn(() => this.#client.query(text));
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    }
  }

  /** A session does one thing at a time; the driver no longer queues by itself from version 9 on. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    const bounds = { signal: new AbortController().signal, timeoutMs: GOODBYE_MS };
    await bounded(bounds, () => this.#inTurn(() => this.#client.end())).catch(() => {});
    this.#socket.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// The URL itself stays out of the message: it carries the password.
const malformed = () =>
  new DevenvError(
    'USAGE',
    'the Postgres URL cannot be read: expected postgresql://user:password@host:port/database',
    {
      hint: 'Percent-encode what is special in the password.',
    },
  );
