import type { Entity, Field } from '../entities/declaration.ts';
import { childColumns } from '../entities/parser.ts';
import { COLUMN_TYPES, quoteIdentifier } from '../entities/statements.ts';

/** A table as the declaration wants it. */
export interface Table {
  name: string;
  columns: readonly Field[];
  key: readonly string[];
}

/** A table as it stands in the database; types as `format_type` prints them. */
export interface ExistingTable {
  columns: Readonly<Record<string, { type: string; nullable: boolean; hasDefault: boolean }>>;
  /** Column lists of all unique indexes. */
  uniques: readonly (readonly string[])[];
  hasRows: boolean;
}

/** Every table of the declared entities, parents first. */
export const declaredTables = (entities: readonly Entity[]): Table[] =>
  entities.flatMap((entity) => [
    { name: entity.table, columns: entity.fields, key: entity.key },
    ...entity.derived.map((child) => ({
      name: child.table,
      columns: childColumns(entity, child),
      key: child.key,
    })),
  ]);

export interface TableChange {
  table: string;
  /** What is said about it: `created`, `column clerk added`. */
  change: string;
  ddl: string;
}

/** What has to be done to a table, and what cannot be done. Pure; `existing` undefined = there is no such table. */
export function planTable(
  table: Table,
  existing: ExistingTable | undefined,
): { changes: TableChange[]; conflicts: string[] } {
  if (existing === undefined) {
    return { changes: [{ table: table.name, change: 'created', ddl: createTable(table) }], conflicts: [] };
  }
  const changes: TableChange[] = [];
  const conflicts: string[] = [];
  const alter = (change: string, action: string) =>
    changes.push({ table: table.name, change, ddl: `ALTER TABLE ${quoteIdentifier(table.name)} ${action}` });

  for (const column of table.columns) {
    const quoted = quoteIdentifier(column.name);
    const found = existing.columns[column.name];
    const place = `${table.name}.${column.name}`;
    if (found === undefined) {
      if (column.required && existing.hasRows) {
        conflicts.push(
          `${place}: a required column cannot be added to a table that has rows; declare it "required: false" or empty the table`,
        );
      } else alter(`column ${column.name} added`, `ADD COLUMN ${columnDefinition(column)}`);
    } else if (!sameType(found.type, column)) {
      conflicts.push(
        `${place}: is ${found.type}, declared as ${column.type}; devenv never rewrites a column: change the declaration or remove the table`,
      );
    } else if (column.required && found.nullable && !table.key.includes(column.name)) {
      alter(`column ${column.name} made required`, `ALTER COLUMN ${quoted} SET NOT NULL`);
    } else if (!column.required && !found.nullable) {
      alter(`column ${column.name} made optional`, `ALTER COLUMN ${quoted} DROP NOT NULL`);
    }
  }
  for (const [name, column] of Object.entries(existing.columns)) {
    if (table.columns.some((declared) => declared.name === name)) continue;
    if (!column.nullable && !column.hasDefault) {
      alter(
        `column ${name} made optional (no longer declared)`,
        `ALTER COLUMN ${quoteIdentifier(name)} DROP NOT NULL`,
      );
    }
  }
  const wanted = [...table.key].sort().join();
  if (!existing.uniques.some((columns) => [...columns].sort().join() === wanted)) {
    conflicts.push(
      `${table.name}: has no unique index on exactly (${table.key.join(', ')}), which is its declared key; add one or remove the table`,
    );
  }
  return { changes, conflicts };
}

export function createTable({ name, columns, key }: Table): string {
  const lines = [...columns.map(columnDefinition), `PRIMARY KEY (${key.map(quoteIdentifier).join(', ')})`];
  return `CREATE TABLE ${quoteIdentifier(name)} (\n  ${lines.join(',\n  ')}\n)`;
}

const columnDefinition = ({ name, type, required }: Field): string =>
  `${quoteIdentifier(name)} ${COLUMN_TYPES[type]}${required ? ' NOT NULL' : ''}`;

/** `format_type` names of the types, with the near relatives that hold the same values. */
const ACCEPTED: Readonly<Record<Field['type'], RegExp>> = {
  text: /^(text|character varying(\(\d+\))?|citext)$/,
  integer: /^(integer|bigint)$/,
  bigint: /^bigint$/,
  numeric: /^(numeric(\(\d+,\d+\))?|double precision)$/,
  boolean: /^boolean$/,
  date: /^date$/,
  timestamp: /^timestamp with(out)? time zone$/,
  uuid: /^uuid$/,
  json: /^jsonb?$/,
};

const sameType = (found: string, column: Field): boolean => ACCEPTED[column.type].test(found);
