import type { Entity, Field, FieldType } from './entities.ts';

/** column → type as Postgres's information_schema names it. */
export type ExpectedTable = { table: string; columns: Readonly<Record<string, string>> };

/** Source: the `data_type` column of information_schema.columns. */
const DATA_TYPES: Record<FieldType, string> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  numeric: 'numeric',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp with time zone',
  uuid: 'uuid',
  json: 'jsonb',
};

/**
 * The tables that the declared entities need, to see at a glance whether a database has them. How they are made is
 * the pipeline's business.
 */
export function expectedTables(entities: readonly Entity[]): ExpectedTable[] {
  const status: ExpectedTable = { table: 'message_status', columns: { message_id: 'uuid', status: 'text' } };
  const declared = entities.flatMap((entity) => [
    { table: entity.table, columns: columnsOf(entity.fields) },
    ...entity.derived.map((derived) => ({
      table: derived.table,
      columns: {
        ...columnsOf(
          entity.fields.filter(({ name }) => entity.key.includes(name) && derived.key.includes(name)),
        ),
        ...columnsOf(derived.fields),
      },
    })),
  ]);
  return entities.length === 0 ? [] : [status, ...declared];
}

const columnsOf = (fields: readonly Field[]): Record<string, string> =>
  Object.fromEntries(fields.map(({ name, type }) => [name, DATA_TYPES[type]]));
