import { type Database, isOutage } from '../database.ts';
import { arrayLiteral } from '../entities/statements.ts';
import { GroupCommit } from '../group-commit.ts';
import type { Logger } from '../logger.ts';
import { errorText } from '../message-status.ts';
import { Problem } from './problem.ts';
import type { Submission } from './submission.ts';

const INSERT = {
  name: 'insert pending',
  text: `INSERT INTO message_status (message_id, entity_type, status, received_at, source)
SELECT message_id, entity_type, 'pending', received_at, source
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) AS new (message_id, entity_type, received_at, source)
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id`,
};

const STATE = `SELECT message_id, status FROM message_status WHERE message_id = ANY ($1::uuid[])`;

const RETRACT = {
  name: 'retract pending',
  text: `DELETE FROM message_status WHERE message_id = ANY ($1::uuid[]) AND status = 'pending'`,
};

const DOUBT = {
  name: 'doubt pending',
  text: `UPDATE message_status SET status = 'failed', error_message = $2
WHERE message_id = ANY ($1::uuid[]) AND status = 'pending'`,
};

/** `taken`: a worker has had this message already (same Idempotency-Key), publishing it again would be a second run. */
export type Insertion = 'inserted' | 'existed' | 'taken';

/** The `pending` rows that are written before a publish, many requests to one statement. */
export class StatusRows {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #inserts: GroupCommit<Submission, Insertion>;
  /** message id → undefined to delete the row, or why it is in doubt. */
  readonly #corrections = new Map<string, string | undefined>();
  #correcting: Promise<void> | undefined;
  #closing = false;

  constructor(database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
    this.#inserts = new GroupCommit((group) => this.#insert(group), { maxGroup: 1000 });
  }

  /** Throws a DATABASE_UNAVAILABLE Problem when the row could not be written; then none stays behind. */
  insert(submission: Submission): Promise<Insertion> {
    // A second try with the same Idempotency-Key overtakes the correction of the first.
    this.#corrections.delete(submission.messageId);
    return this.#inserts.add(submission);
  }

  /** The publish was refused: as if the request had never been. */
  retract(messageId: string): void {
    this.#correct(messageId, undefined);
  }

  /** Nobody knows whether the publish arrived: not `pending` any more, and a worker that gets it may still go on. */
  doubt(messageId: string, reason: string): void {
    this.#correct(messageId, reason);
  }

  /** Waits for what is being written; corrections that the database refuses by now are given up. */
  async close(): Promise<void> {
    await this.#inserts.idle();
    this.#closing = true;
    await this.#correcting;
  }

  async #insert(group: readonly Submission[]): Promise<readonly Insertion[]> {
    const values = [
      arrayLiteral(group.map(({ messageId }) => messageId)),
      arrayLiteral(group.map(({ entityType }) => entityType)),
      arrayLiteral(group.map(({ receivedAt }) => receivedAt)),
      arrayLiteral(group.map(({ source }) => source ?? null)),
    ];
    try {
      const { rows } = await this.#database.query<[string]>({ ...INSERT, values, rowMode: 'array' });
      if (rows.length === group.length) return group.map(() => 'inserted');
      const inserted = new Set(rows.map(([id]) => id));
      return await this.#tellApart(group, inserted);
    } catch (error) {
      // The answer may have been lost after the commit: make sure that nothing unpublished stays `pending`.
      for (const { messageId } of group) this.retract(messageId);
      if (isOutage(error)) {
        throw new Problem('DATABASE_UNAVAILABLE', `Postgres is away: ${errorText(error)}`);
      }
      this.#log.error({ reason: errorText(error) }, 'cannot write status rows');
      throw new Problem('DATABASE_UNAVAILABLE', `Postgres refused the status row: ${errorText(error)}`);
    }
  }

  async #tellApart(group: readonly Submission[], inserted: Set<string>): Promise<readonly Insertion[]> {
    const others = group.map(({ messageId }) => messageId).filter((id) => !inserted.has(id));
    const found = await this.#database.query<{ message_id: string; status: string }>(STATE, [
      arrayLiteral(others),
    ]);
    const states = new Map(found.rows.map((row) => [row.message_id, row.status]));
    return group.map(({ messageId }) => {
      // The same new id twice in one group: the first one inserted it.
      if (inserted.delete(messageId)) return 'inserted';
      const state = states.get(messageId) ?? 'pending';
      return state === 'pending' || state === 'failed' ? 'existed' : 'taken';
    });
  }

  #correct(messageId: string, reason: string | undefined): void {
    if (this.#corrections.size >= 100_000) return;
    this.#corrections.set(messageId, reason);
    this.#correcting ??= this.#drainCorrections().finally(() => {
      this.#correcting = undefined;
    });
  }

  async #drainCorrections(): Promise<void> {
    while (this.#corrections.size > 0) {
      const batch = [...this.#corrections].slice(0, 1000);
      const retracted = batch.filter(([, reason]) => reason === undefined).map(([id]) => id);
      const doubted = batch.filter(([, reason]) => reason !== undefined);
      try {
        if (retracted.length > 0) {
          await this.#database.query({ ...RETRACT, values: [arrayLiteral(retracted)] });
        }
        if (doubted.length > 0) {
          const ids = arrayLiteral(doubted.map(([id]) => id));
          await this.#database.query({ ...DOUBT, values: [ids, doubted[0]?.[1]] });
        }
        for (const [id] of batch) this.#corrections.delete(id);
      } catch (error) {
        if (this.#closing) {
          this.#log.error(
            { rows: this.#corrections.size, reason: errorText(error) },
            'status rows not corrected',
          );
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }
}
