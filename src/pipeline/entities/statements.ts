import type { Entity, Field, FieldType } from './declaration.ts';
import { childColumns, type ParsedEntity, type Row } from './parser.ts';

/** Declared type → column type. `json` is jsonb: it is compared and indexed, not kept byte for byte. */
export const COLUMN_TYPES: Readonly<Record<FieldType, string>> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  numeric: 'numeric',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamptz',
  uuid: 'uuid',
  json: 'jsonb',
};

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const list = (names: readonly string[]): string => names.map(quoteIdentifier).join(', ');

/** A statement that pg prepares once per connection, with one array per column. */
export interface Statement {
  name: string;
  text: string;
  values: string[];
}

/** Writes many parsed messages of one entity with a handful of statements, however many messages there are. */
export interface EntityWriter {
  /** The newest message of a key wins: its root replaces the row, its children replace all children of that row. */
  statements(messages: readonly ParsedEntity[]): Statement[];
}

/** `id` keeps the statement names of several writers apart; table names may be too long for that. */
export function compileWriter(entity: Entity, id: number): EntityWriter {
  const upsertRoot = upsert(entity.table, entity.fields, entity.key);
  const rootKeyAt = entity.key.map((name) => entity.fields.findIndex((field) => field.name === name));
  const children = entity.derived.map((child, place) => {
    const columns = childColumns(entity, child);
    return {
      columns,
      remove: removeChildren(child.table, entity),
      insert: upsert(child.table, columns, child.key),
      names: { remove: `entity ${id} remove ${place}`, insert: `entity ${id} write ${place}` },
    };
  });

  return {
    statements(messages) {
      const latest = newestPerKey(messages);
      const roots = latest.map(({ root }) => root);
      const written: Statement[] = [
        {
          name: `entity ${id}`,
          text: upsertRoot,
          values: columnArrays(roots, entity.fields.length),
        },
      ];
      children.forEach(({ columns, remove, insert, names }, index) => {
        const keys = rootKeyAt.map((at) => arrayLiteral(roots.map((row) => row[at] ?? null)));
        written.push({ name: names.remove, text: remove, values: keys });
        const rows = latest.flatMap((message) => message.children[index] ?? []);
        if (rows.length > 0) {
          written.push({ name: names.insert, text: insert, values: columnArrays(rows, columns.length) });
        }
      });
      return written;
    },
  };
}

/**
 * One statement may touch a row only once, so of several messages with one key only the last is written. Sorted by
 * key, so that two workers take their row locks in one order and never deadlock.
 */
function newestPerKey(messages: readonly ParsedEntity[]): ParsedEntity[] {
  const byKey = new Map(messages.map((message) => [message.rootKey, message]));
  return [...byKey.values()].sort((a, b) => (a.rootKey < b.rootKey ? -1 : a.rootKey > b.rootKey ? 1 : 0));
}

function upsert(table: string, columns: readonly Field[], key: readonly string[]): string {
  const names = columns.map(({ name }) => name);
  const others = names.filter((name) => !key.includes(name));
  const changes = others
    .map((name) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`)
    .join(', ');
  return `INSERT INTO ${quoteIdentifier(table)} (${list(names)})
SELECT * FROM unnest(${columns.map(({ type }, at) => `$${at + 1}::${COLUMN_TYPES[type]}[]`).join(', ')})
ON CONFLICT (${list(key)}) DO ${others.length === 0 ? 'NOTHING' : `UPDATE SET ${changes}`}`;
}

function removeChildren(table: string, parent: Entity): string {
  const typed = parent.key.map((name, at) => {
    const type = parent.fields.find((field) => field.name === name)?.type ?? 'text';
    return `$${at + 1}::${COLUMN_TYPES[type]}[]`;
  });
  const same = parent.key.map((name) => `child.${quoteIdentifier(name)} = parent.${quoteIdentifier(name)}`);
  return `DELETE FROM ${quoteIdentifier(table)} child
USING unnest(${typed.join(', ')}) AS parent (${list(parent.key)})
WHERE ${same.join(' AND ')}`;
}

const columnArrays = (rows: readonly Row[], width: number): string[] =>
  Array.from({ length: width }, (_, at) => arrayLiteral(rows.map((row) => row[at] ?? null)));

/** A Postgres array literal. Every element is quoted, so that `null`, commas and braces stay text. */
export function arrayLiteral(elements: readonly (string | null)[]): string {
  let literal = '{';
  for (let at = 0; at < elements.length; at += 1) {
    const element = elements[at] ?? null;
    if (at > 0) literal += ',';
    if (element === null) literal += 'NULL';
    else literal += `"${/["\\]/.test(element) ? element.replaceAll(/["\\]/g, '\\$&') : element}"`;
  }
  return `${literal}}`;
}
