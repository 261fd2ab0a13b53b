import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { sqlState } from '../database.ts';
import type { Entity } from '../entities/declaration.ts';
import { MESSAGE_STATUS_DDL } from '../message-status.ts';
import { readTables } from './catalog.ts';
import { declaredTables, planTable } from './tables.ts';

/** The declaration and the database contradict each other. One line per contradiction; nothing was changed. */
export class IncompatibleSchemaError extends Error {
  readonly conflicts: readonly string[];

  constructor(conflicts: readonly string[]) {
    super(`the declared entities do not fit the existing tables:\n  ${conflicts.join('\n  ')}`);
    this.name = 'IncompatibleSchemaError';
    this.conflicts = conflicts;
  }
}

/** What is printed, as one line of JSON. */
export interface MigrationResult {
  changed: boolean;
  changes: readonly { table: string; change: string }[];
  /** Every table that the pipeline now finds. */
  tables: readonly string[];
  ms: number;
}

const HISTORY_DDL = `CREATE TABLE IF NOT EXISTS pipeline_schema (
  hash text PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;

/** Any number will do, as long as all versions of this program use the same. */
const LOCK = 7_264_001;

/**
 * Brings the tables to what the declaration says: creates, adds columns, loosens what is no longer required; never
 * drops or rewrites. All in one transaction, one at a time; the hash of the last applied declaration makes a second
 * run two statements long.
 */
export async function migrate(client: ClientBase, entities: readonly Entity[]): Promise<MigrationResult> {
  const started = performance.now();
  const wanted = declaredTables(entities);
  const tables = ['message_status', ...wanted.map(({ name }) => name)];
  const hash = createHash('sha256')
    .update(JSON.stringify([MESSAGE_STATUS_DDL, wanted]))
    .digest('hex');
  const result = (changes: MigrationResult['changes']): MigrationResult => ({
    changed: changes.length > 0,
    changes,
    tables,
    ms: Math.round(performance.now() - started),
  });
  if (await isCurrent(client, hash, tables)) return result([]);

  await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${LOCK})`);
  try {
    if (await isCurrent(client, hash, tables)) {
      await client.query('COMMIT');
      return result([]);
    }
    const existing = await readTables(client, tables);
    const plans = wanted.map((table) => planTable(table, existing.get(table.name)));
    const conflicts = plans.flatMap((plan) => plan.conflicts);
    if (conflicts.length > 0) throw new IncompatibleSchemaError(conflicts);
    const changes = plans.flatMap((plan) => plan.changes);
    if (!existing.has('message_status')) {
      changes.unshift({ table: 'message_status', change: 'created', ddl: MESSAGE_STATUS_DDL });
    }
    for (const { ddl, table, change } of changes) {
      await client.query(ddl).catch((error: unknown) => {
        // 23502: SET NOT NULL met a row without a value.
        if (sqlState(error) !== '23502') throw error;
        throw new IncompatibleSchemaError([
          `${table}: ${change}: rows without a value exist; fill them first`,
        ]);
      });
    }
    await client.query(HISTORY_DDL);
    await client.query('DELETE FROM pipeline_schema');
    await client.query('INSERT INTO pipeline_schema (hash) VALUES ($1)', [hash]);
    await client.query('COMMIT');
    return result(changes.map(({ table, change }) => ({ table, change })));
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** The hash alone would not notice a table that somebody dropped. */
async function isCurrent(client: ClientBase, hash: string, tables: readonly string[]): Promise<boolean> {
  const found = await client.query<{ history: boolean; present: boolean }>(
    `SELECT to_regclass('pipeline_schema') IS NOT NULL AS history,
            (SELECT bool_and(to_regclass(quote_ident(name)) IS NOT NULL) FROM unnest($1::text[]) AS wanted (name)) AS present`,
    [tables],
  );
  if (!found.rows[0]?.history || !found.rows[0].present) return false;
  const applied = await client.query('SELECT 1 FROM pipeline_schema WHERE hash = $1', [hash]);
  return applied.rowCount === 1;
}
