import * as z from 'zod/mini';

/** How an entity is declared in ENTITIES. Everything else, tables and parsers alike, follows from this. */
export const FIELD_TYPES = [
  'text',
  'integer',
  'bigint',
  'numeric',
  'boolean',
  'date',
  'timestamp',
  'uuid',
  'json',
] as const;

export type FieldType = (typeof FIELD_TYPES)[number];

export interface Field {
  /** Key in the JSON body and column in the table. */
  name: string;
  type: FieldType;
  required: boolean;
}

/** Rows made from an array inside the root body. */
export interface DerivedEntity {
  /** The array's key in the root body. */
  from: string;
  table: string;
  /** The parent's key columns, copied into every row, plus columns of the item. */
  key: string[];
  fields: Field[];
}

export interface Entity {
  /** As it stands in `entity_type`. */
  name: string;
  table: string;
  key: string[];
  fields: Field[];
  derived: DerivedEntity[];
}

/** Tables of the pipeline itself. */
export const RESERVED_TABLES: readonly string[] = ['message_status', 'pipeline_schema'];

/** An entity's name becomes a subject token: no dots, spaces or wildcards. */
export const ENTITY_NAME = /^[A-Za-z0-9_-]{1,64}$/;

// Postgres cuts identifiers at 63 bytes, silently.
const identifier = z
  .string('a name')
  .check(z.regex(/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/, 'an SQL name of up to 63 letters, digits and "_"'));

const field = z.object({
  name: identifier,
  type: z.enum(FIELD_TYPES, `one of ${FIELD_TYPES.join(', ')}`),
  required: z._default(z.boolean('true or false'), false),
});

const key = z.array(identifier).check(z.minLength(1, 'at least one column'));
const fields = z.array(field).check(z.minLength(1, 'at least one field'));

const derived = z.object({ from: z.string().check(z.minLength(1)), table: identifier, key, fields });

const entity = z.object({
  name: z.string('a name').check(z.regex(ENTITY_NAME, 'a name of up to 64 letters, digits, "-" and "_"')),
  table: identifier,
  key,
  fields,
  derived: z._default(z.array(derived), []),
});

/** The declaration with what one field cannot see: names used twice, keys that are no fields, keys that may be null. */
export const entitiesSchema = z.array(entity, 'a JSON array of entities').check(
  z.check((payload) => {
    for (const { path, message } of contradictions(payload.value)) {
      payload.issues.push({ code: 'custom', path, message, input: payload.value });
    }
  }),
);

interface Contradiction {
  path: PropertyKey[];
  message: string;
}

export function contradictions(entities: readonly Entity[]): Contradiction[] {
  const found: Contradiction[] = [];
  const names = new Set<string>();
  const tables = new Set<string>(RESERVED_TABLES);
  entities.forEach((root, index) => {
    const at = [index];
    if (names.has(root.name))
      found.push({ path: [...at, 'name'], message: 'a name that no other entity has' });
    names.add(root.name);
    claimTable(root.table, [...at, 'table'], tables, found);
    checkColumns(root.fields, [...at, 'fields'], found);
    checkKey(root.key, root.fields, [...at, 'key'], found);
    const parts = new Set<string>();
    root.derived.forEach((child, place) => {
      const below = [...at, 'derived', place];
      if (parts.has(child.from)) found.push({ path: [...below, 'from'], message: 'an array used only once' });
      parts.add(child.from);
      claimTable(child.table, [...below, 'table'], tables, found);
      checkColumns(child.fields, [...below, 'fields'], found);
      const missing = root.key.filter((column) => !child.key.includes(column));
      if (missing.length > 0) {
        found.push({ path: [...below, 'key'], message: `the parent's key in it: ${missing.join(', ')}` });
      }
      const inherited = root.fields.filter(({ name }) => root.key.includes(name));
      checkKey(child.key, [...inherited, ...child.fields], [...below, 'key'], found);
    });
  });
  return found;
}

function claimTable(table: string, path: PropertyKey[], taken: Set<string>, found: Contradiction[]): void {
  if (taken.has(table)) found.push({ path, message: 'a table that nothing else uses' });
  taken.add(table);
}

function checkColumns(columns: readonly Field[], path: PropertyKey[], found: Contradiction[]): void {
  columns.forEach(({ name }, index) => {
    if (columns.findIndex((other) => other.name === name) !== index) {
      found.push({ path: [...path, index, 'name'], message: 'a name that no other field of the table has' });
    }
  });
}

function checkKey(
  columns: readonly string[],
  known: readonly Field[],
  path: PropertyKey[],
  found: Contradiction[],
) {
  columns.forEach((column, index) => {
    const declared = known.find(({ name }) => name === column);
    if (declared === undefined)
      found.push({ path: [...path, index], message: 'the name of a declared field' });
    else if (!declared.required || declared.type === 'json') {
      found.push({ path: [...path, index], message: 'a required field that is not json' });
    }
  });
}
