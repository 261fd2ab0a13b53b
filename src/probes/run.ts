import { randomBytes } from 'node:crypto';
import { connectNats, type NatsClient } from '../adapters/nats.ts';
import { connectPostgres, type PostgresClient } from '../adapters/postgres.ts';
import type { ProbeContext } from './probe.ts';
import { deleteRows } from './rows.ts';
import type { Target } from './target.ts';

const CONNECT_MS = 2_000;

/** What one run of a probe holds: its unique key, its connections, and what it must remove afterwards. */
export class Run {
  readonly key: string;
  readonly target: Target;
  readonly context: ProbeContext;
  /** Keys of root rows, ids of status rows and places of messages to remove. */
  readonly keys: string[];
  readonly messageIds: string[] = [];
  readonly stored: { stream: string; seq: number }[] = [];
  // Not the context's signal: an interrupted probe still has to clean up over these connections.
  readonly #life = new AbortController();
  #nats: Promise<NatsClient> | undefined;
  #database: Promise<PostgresClient> | undefined;
  #holding: Promise<PostgresClient> | undefined;

  constructor(probe: string, target: Target, context: ProbeContext) {
    this.key = `PROBE-${probe}-${randomBytes(10).toString('hex')}`;
    this.keys = [this.key];
    this.target = target;
    this.context = context;
  }

  nats(): Promise<NatsClient> {
    this.#nats ??= connectNats(this.context.endpoints.nats, this.#options());
    return this.#nats;
  }

  database(): Promise<PostgresClient> {
    this.#database ??= connectPostgres(this.context.endpoints.databaseUrl, this.#options());
    return this.#database;
  }

  /** A second session, in which a row is held back by an open transaction. */
  holder(): Promise<PostgresClient> {
    this.#holding ??= connectPostgres(this.context.endpoints.databaseUrl, this.#options());
    return this.#holding;
  }

  /** Begins all connections at once; each hop that needs one reports its failure. */
  warmUp({ hold }: { hold: boolean }): void {
    for (const opening of [this.nats(), this.database(), ...(hold ? [this.holder()] : [])])
      opening.catch(() => {});
  }

  /** Opens another connection to a server that was restarted. */
  async reconnectNats(): Promise<NatsClient> {
    await (await this.#opened(this.#nats))?.close();
    this.#nats = undefined;
    return this.nats();
  }

  async cleanUp(): Promise<void> {
    const [nats, database, holder] = await Promise.all([
      this.#opened(this.#nats),
      this.#opened(this.#database),
      this.#opened(this.#holding),
    ]);
    try {
      await holder?.query('ROLLBACK');
      // Messages first: a worker that comes back later must not make the rows again.
      await Promise.allSettled(this.stored.map(({ stream, seq }) => nats?.deleteMessage(stream, seq)));
      if (database !== undefined) await deleteRows(database, this.target, this.keys, this.messageIds);
    } finally {
      await Promise.all([nats?.close(), database?.close(), holder?.close()]);
    }
  }

  /** For a clean-up that did not end in time. */
  cut(): void {
    this.#life.abort(new Error('the probe is over'));
  }

  #options() {
    return { signal: this.#life.signal, timeoutMs: CONNECT_MS, name: 'devenv-probe' };
  }

  async #opened<T>(opening: Promise<T> | undefined): Promise<T | undefined> {
    return opening?.catch(() => undefined);
  }
}
