import { isDeepStrictEqual } from 'node:util';
import type { PostgresClient } from '../adapters/postgres.ts';
import type { Values } from './sample.ts';
import type { Target } from './target.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The rows of a table that carry the key, as JSON values (numbers as numbers, dates as ISO text). */
async function rowsOf(
  session: PostgresClient,
  table: string,
  keyField: string,
  key: string,
): Promise<Values[]> {
  const rows = await session.query<{ row: Values }>(
    `SELECT to_jsonb(t) AS row FROM ${quoted(table)} t WHERE ${quoted(keyField)} = $1`,
    [key],
  );
  return rows.map(({ row }) => row);
}

export const rootRows = (
  session: PostgresClient,
  { entity, keyField }: Target,
  key: string,
): Promise<Values[]> => rowsOf(session, entity.table, keyField, key);

export const itemRows = (
  session: PostgresClient,
  { derived, keyField }: Target,
  key: string,
): Promise<Values[]> => rowsOf(session, derived.table, keyField, key);

/** Throws when the rows are not exactly the expected ones, in any order. Columns that were not sent must be null. */
export function expectRows(
  table: string,
  found: readonly Values[],
  expected: readonly Values[],
  fields: readonly { name: string }[],
): void {
  if (found.length !== expected.length) {
    throw new Error(`expected ${expected.length} row(s) in ${table}, found ${found.length}`);
  }
  for (const values of expected) {
    if (!found.some((row) => fields.every(({ name }) => equal(row[name], values[name])))) {
      throw new Error(`expected in ${table} ${JSON.stringify(values)}, found ${JSON.stringify(found)}`);
    }
  }
}

function equal(stored: unknown, sent: unknown): boolean {
  if (stored === null || stored === undefined) return sent === undefined;
  if (isDeepStrictEqual(stored, sent)) return true;
  // A timestamp comes back in another spelling of the same instant.
  if (typeof stored !== 'string' || typeof sent !== 'string' || !sent.includes('T')) return false;
  return Date.parse(stored) === Date.parse(sent);
}

/** Holds the root row back: an uncommitted insert of the same key, which the worker has to wait for. */
export async function holdRow(session: PostgresClient, { entity }: Target, root: Values): Promise<void> {
  const columns = Object.keys(root);
  const places = columns.map((_, at) => `$${at + 1}`);
  await session.script('BEGIN');
  await session.query(
    `INSERT INTO ${quoted(entity.table)} (${columns.map(quoted).join(', ')}) VALUES (${places.join(', ')})`,
    columns.map((column) => root[column]),
  );
}

/** Everything under a run's key and the keys that begin with it; returns how many rows. */
export async function deleteRowsOf(
  session: PostgresClient,
  { entity, derived, keyField }: Target,
  key: string,
  messageIds: readonly string[],
): Promise<number> {
  const byKey = (table: string) => [
    `DELETE FROM ${quoted(table)} WHERE starts_with(${quoted(keyField)}, $1) RETURNING 1`,
    key,
  ];
  const deletions = [
    byKey(derived.table),
    byKey(entity.table),
    ['DELETE FROM message_status WHERE message_id = ANY($1::uuid[]) RETURNING 1', messageIds],
  ] as const;
  const removed = await Promise.all(deletions.map(([text, value]) => session.query(String(text), [value])));
  return removed.reduce((sum, { length }) => sum + length, 0);
}

export async function deleteRows(
  session: PostgresClient,
  { entity, derived, keyField }: Target,
  keys: readonly string[],
  messageIds: readonly string[],
): Promise<void> {
  const byKey = (table: string) => `DELETE FROM ${quoted(table)} WHERE ${quoted(keyField)} = ANY($1)`;
  await Promise.all([
    session.query(byKey(derived.table), [keys]),
    session.query(byKey(entity.table), [keys]),
    session.query('DELETE FROM message_status WHERE message_id = ANY($1::uuid[])', [messageIds]),
  ]);
}
