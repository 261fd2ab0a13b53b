import { randomBytes } from 'node:crypto';
import { connectNats, type NatsClient } from '../adapters/nats.ts';
import { connectPostgres, type PostgresClient } from '../adapters/postgres.ts';
import { until } from './hops.ts';
import type { ProbeContext } from './probe.ts';
import { deleteRows } from './rows.ts';
import type { Target } from './target.ts';

const CONNECT_MS = 2_000;
const AGAIN_MS = 100;

/** What one run of a probe holds: its unique key, its connections, and what it must remove afterwards. */
export class Run {
  readonly key: string;
  readonly target: Target;
  readonly context: ProbeContext;
  /** Keys of root rows, ids of status rows and places of messages to remove. */
  readonly keys: string[];
  readonly messageIds: string[] = [];
  readonly stored: { stream: string; seq: number }[] = [];
  /** Where messages with the key may be that were not seen yet: everything of the subject from `fromSeq` on. */
  readonly sent: { stream: string; subject: string; fromSeq: number }[] = [];
  // Not the context's signal: an interrupted probe still has to clean up over these connections.
  readonly #life = new AbortController();
  #nats: Promise<NatsClient> | undefined;
  #database: Promise<PostgresClient> | undefined;
  #holding: Promise<PostgresClient> | undefined;
  readonly #since = new Date().toISOString();
  #marked = false;

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

  /** Writes down from where on messages of this run may be found, for whoever comes after it was killed. */
  async mark(before: ReadonlyMap<string, number>): Promise<void> {
    const { names, entity } = this.target;
    const prefixOf = (stream: string) =>
      stream === names.dlqStream ? names.dlqSubjectPrefix : names.subjectPrefix;
    this.#marked = true;
    await this.context.marks.write({
      key: this.key,
      since: this.#since,
      places: [...before].map(([stream, afterSeq]) => ({
        stream,
        subject: `${prefixOf(stream)}.${entity.name}`,
        afterSeq,
      })),
      messageIds: [...this.messageIds],
    });
  }

  async accepted(messageId: string, before: ReadonlyMap<string, number>): Promise<void> {
    this.messageIds.push(messageId);
    // Where a stream drops what is acked, nothing else leads to its status row.
    if (!this.target.keepsMessages) await this.mark(before);
  }

  async cleanUp(signal: AbortSignal): Promise<void> {
    const holder = await this.#opened(this.#holding);
    let removed = false;
    try {
      await holder?.query('ROLLBACK');
      // Messages first: a worker that comes back later must not make the rows again.
      await this.#removeSent(signal);
      const nats = await this.#opened(this.#nats);
      const deletions = this.stored.map(({ stream, seq }) => nats?.deleteMessage(stream, seq));
      const settled = await Promise.allSettled(deletions);
      removed = nats !== undefined && settled.every(({ status }) => status === 'fulfilled');
    } finally {
      const database = await this.#opened(this.#database);
      if (database !== undefined) await deleteRows(database, this.target, this.keys, this.messageIds);
      else removed = false;
      const nats = await this.#opened(this.#nats);
      await Promise.all([nats?.close(), database?.close(), holder?.close()]);
    }
    // What could not be removed stays written down.
    if (this.#marked && removed) await this.context.marks.erase(this.key);
  }

  /** The server that the connection went to may be the one that was killed, and its successor not elected yet. */
  async #removeSent(signal: AbortSignal): Promise<void> {
    for (const sent of this.sent) {
      let from = sent.fromSeq;
      await until(
        signal,
        async () => {
          try {
            const nats = await this.nats();
            for (;;) {
              const message = await nats.getMessage(sent.stream, { fromSeq: from, subject: sent.subject });
              if (message === null) return true;
              if (message.text.includes(this.key)) {
                // A post that was cut off was never answered with its id.
                this.messageIds.push(...idsIn(message.text));
                await nats.deleteMessage(sent.stream, message.seq);
              }
              from = message.seq + 1;
            }
          } catch {
            await this.reconnectNats().catch(() => undefined);
            return undefined;
          }
        },
        AGAIN_MS,
      );
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

/** The id in an envelope of the pipeline. */
export const idsIn = (text: string): readonly string[] => {
  const id = /"message_id":"([0-9a-f-]{36})"/.exec(text)?.[1];
  return id === undefined ? [] : [id];
};
