import type { Database, DatabaseClient } from '../database.ts';
import { sqlState } from '../database.ts';
import type { Entity } from '../entities/declaration.ts';
import type { ParsedEntity } from '../entities/parser.ts';
import { arrayLiteral, compileWriter, type EntityWriter, type Statement } from '../entities/statements.ts';
import type { Envelope } from '../envelope.ts';
import type { MessageStatus } from '../message-status.ts';

/** A message and the rows it becomes. */
export interface Write {
  envelope: Envelope;
  entity: ParsedEntity;
}

/** A status that ends a try: `failed` will be tried again, `dlq` will not. */
export interface Failure {
  messageId: string;
  status: 'failed' | 'dlq';
  error: string;
}

const OPEN = `status IN ('pending', 'processing', 'failed')`;

const PROCESSING = {
  name: 'status processing',
  text: `UPDATE message_status SET status = 'processing' WHERE message_id = ANY ($1::uuid[]) AND ${OPEN}
RETURNING message_id`,
};

const FIRST_SEEN = {
  name: 'status first seen',
  text: `INSERT INTO message_status (message_id, entity_type, status, received_at, source)
SELECT message_id, entity_type, 'processing', received_at, source
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) AS new (message_id, entity_type, received_at, source)
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id`,
};

const COMPLETED = {
  name: 'status completed',
  text: `UPDATE message_status SET status = 'completed', processed_at = now(), error_message = NULL
WHERE message_id = ANY ($1::uuid[]) AND ${OPEN}`,
};

// `processed_at` is when the message was done with, one way or the other.
const FAILURES = {
  name: 'status failures',
  text: `UPDATE message_status SET status = failure.status, error_message = failure.error,
  retry_count = retry_count + CASE failure.status WHEN 'failed' THEN 1 ELSE 0 END,
  processed_at = CASE failure.status WHEN 'dlq' THEN now() END
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS failure (id, status, error)
WHERE message_id = failure.id AND ${OPEN.replace('status', 'message_status.status')}`,
};

/** Everything that the worker writes. Statements are prepared once per connection and take arrays. */
export class Store {
  readonly #database: Database;
  readonly #writers: ReadonlyMap<string, EntityWriter>;

  constructor(database: Database, entities: readonly Entity[]) {
    this.#database = database;
    this.#writers = new Map(entities.map((entity, id) => [entity.name, compileWriter(entity, id)]));
  }

  /**
   * Moves the messages to `processing` and returns the ids of those that have work left. The others are `completed` or
   * `dlq` already: redeliveries whose ack was lost. Messages that came without the API get their row here.
   */
  async markProcessing(envelopes: readonly Envelope[]): Promise<Set<string>> {
    const ids = envelopes.map(({ message_id }) => message_id).sort();
    const updated = await this.#returnedIds({ ...PROCESSING, values: [arrayLiteral(ids)] });
    if (updated.size === ids.length) return updated;
    const others = envelopes.filter(({ message_id }) => !updated.has(message_id));
    const values = [
      arrayLiteral(others.map(({ message_id }) => message_id)),
      arrayLiteral(others.map(({ entity_type }) => entity_type)),
      arrayLiteral(others.map(({ received_at }) => received_at)),
      arrayLiteral(others.map(({ source }) => source?.replaceAll('\0', '').slice(0, 200) ?? null)),
    ];
    for (const id of await this.#returnedIds({ ...FIRST_SEEN, values })) updated.add(id);
    return updated;
  }

  /**
   * Root rows, derived rows and `completed`, in one transaction for all of them. The statements are sent together and
   * run in order; after the first error the server skips the rest and COMMIT rolls back. Throws that first error.
   */
  async complete(writes: readonly Write[], lockTimeoutMs: number): Promise<void> {
    const ids = writes.map(({ envelope }) => envelope.message_id).sort();
    const statements = [...this.#statements(writes), { ...COMPLETED, values: [arrayLiteral(ids)] }];
    const client = await this.#database.connect();
    try {
      await transact(client, statements, lockTimeoutMs);
      client.release();
    } catch (error) {
      // The server refused and rolled back: the connection is fine. Anything else is not to be trusted again.
      client.release(sqlState(error) === undefined);
      throw error;
    }
  }

  async recordFailures(failures: readonly Failure[]): Promise<void> {
    const values = [
      arrayLiteral(failures.map(({ messageId }) => messageId)),
      arrayLiteral(failures.map(({ status }) => status)),
      arrayLiteral(failures.map(({ error }) => error)),
    ];
    await this.#database.query({ ...FAILURES, values });
  }

  async statusOf(messageId: string): Promise<MessageStatus | undefined> {
    const text = 'SELECT status FROM message_status WHERE message_id = $1';
    const { rows } = await this.#database.query<{ status: MessageStatus }>(text, [messageId]);
    return rows[0]?.status;
  }

  #statements(writes: readonly Write[]): Statement[] {
    const byEntity = groupByEntity(writes);
    return [...this.#writers].flatMap(([name, writer]) => {
      const own = byEntity.get(name);
      return own === undefined ? [] : writer.statements(own.map(({ entity }) => entity));
    });
  }

  async #returnedIds(statement: Statement): Promise<Set<string>> {
    const { rows } = await this.#database.query<[string]>({ ...statement, rowMode: 'array' });
    return new Set(rows.map(([id]) => id));
  }
}

async function transact(
  client: DatabaseClient,
  statements: readonly Statement[],
  lockTimeoutMs: number,
): Promise<void> {
  const answers = await Promise.allSettled([
    client.query(`BEGIN; SET LOCAL lock_timeout = ${lockTimeoutMs}`),
    ...statements.map((statement) => client.query(statement)),
    client.query('COMMIT'),
  ]);
  const refused = answers.find((answer) => answer.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
}

function groupByEntity(writes: readonly Write[]): Map<string, Write[]> {
  const groups = new Map<string, Write[]>();
  for (const write of writes) {
    const group = groups.get(write.envelope.entity_type);
    if (group === undefined) groups.set(write.envelope.entity_type, [write]);
    else group.push(write);
  }
  return groups;
}
