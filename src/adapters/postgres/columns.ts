import type { ExpectedTable } from '../../topology/entity-tables.ts';
import type { Bounds } from '../deadline.ts';
import { connectPostgres } from './connect.ts';

const CONNECT_MS = 5_000;

/** One line per expected table or column that the database lacks or has with another type; empty when all is there. */
export async function missingColumns(
  url: string,
  tables: readonly ExpectedTable[],
  options: Pick<Bounds, 'signal'> & Partial<Bounds>,
): Promise<string[]> {
  if (tables.length === 0) return [];
  await using session = await connectPostgres(url, { timeoutMs: CONNECT_MS, ...options });
  const rows = await session.query<{ place: string; type: string }>(
    `SELECT table_name || '.' || column_name AS place, data_type AS type FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name = ANY($1)`,
    [tables.map(({ table }) => table)],
  );
  const live = new Map(rows.map(({ place, type }) => [place, type]));
  const present = new Set(rows.map(({ place }) => place.slice(0, place.indexOf('.'))));
  return tables.flatMap(({ table, columns }) =>
    present.has(table)
      ? Object.entries(columns).flatMap(([column, type]) => difference(`${table}.${column}`, type, live))
      : [`table ${table}: not there`],
  );
}

function difference(place: string, declared: string, live: ReadonlyMap<string, string>): string[] {
  const type = live.get(place);
  if (type === undefined) return [`column ${place}: not there`];
  return type === declared ? [] : [`column ${place}: is ${type}, declared as ${declared}`];
}
