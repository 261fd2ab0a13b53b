import type { ClientBase } from 'pg';
import { quoteIdentifier } from '../entities/statements.ts';
import type { ExistingTable } from './tables.ts';

const COLUMNS = `
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       NOT a.attnotnull AS nullable, (a.atthasdef OR a.attidentity <> '') AS "hasDefault"
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.oid = ANY (SELECT to_regclass(quote_ident(name)) FROM unnest($1::text[]) AS wanted (name))
  AND a.attnum > 0 AND NOT a.attisdropped`;

const UNIQUES = `
SELECT c.relname AS table,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.oid = ANY (SELECT to_regclass(quote_ident(name)) FROM unnest($1::text[]) AS wanted (name))
  AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL`;

/** The named tables as they stand, found through the search path; names without a table are left out. */
export async function readTables(
  client: ClientBase,
  names: readonly string[],
): Promise<Map<string, ExistingTable>> {
  const columns = await client.query<{
    table: string;
    name: string;
    type: string;
    nullable: boolean;
    hasDefault: boolean;
  }>(COLUMNS, [names]);
  const uniques = await client.query<{ table: string; columns: string[] }>(UNIQUES, [names]);
  const tables = new Map<string, ExistingTable>();
  for (const name of new Set(columns.rows.map((row) => row.table))) {
    const rows = await client.query(`SELECT 1 FROM ${quoteIdentifier(name)} LIMIT 1`);
    tables.set(name, {
      columns: Object.fromEntries(
        columns.rows
          .filter((row) => row.table === name)
          .map(({ name: column, type, nullable, hasDefault }) => [column, { type, nullable, hasDefault }]),
      ),
      uniques: uniques.rows.filter((row) => row.table === name).map((row) => row.columns),
      hasRows: rows.rowCount !== 0,
    });
  }
  return tables;
}
