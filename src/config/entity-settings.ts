import * as z from 'zod';
import { choice, entityName, IDENTIFIER, identifier, list, mapByName } from './scalars.ts';
import { section } from './section.ts';

const TYPES = [
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

type TypeName = (typeof TYPES)[number];
type WrittenType = TypeName | `${TypeName}?`;

/** `text` or, when the value may be missing, `text?`. */
const fieldType = choice(TYPES.flatMap((type): WrittenType[] => [type, `${type}?`])).transform((written) => ({
  type: written.replace('?', '') as TypeName,
  required: !written.endsWith('?'),
}));

const key = list(identifier(), 'columns')
  .min(1, { error: 'expected at least one column' })
  .describe('Columns that together are unique.');

const fields = mapByName(IDENTIFIER, fieldType, 'column: type').describe(
  'Column: type. A type with "?" is optional, every other one required.',
);

const table = identifier().describe('Table that the rows go to.');

/** One entry of `entities:`. */
export const entitySettings = section({
  name: entityName().describe('As it stands in entity_type, e.g. Order.'),
  table,
  key,
  fields,
  derived: list(
    section({
      from: z
        .string({ error: 'expected a key of the body' })
        .min(1, { error: 'expected a key of the body' })
        .describe('Key of the array in the body.'),
      table,
      key: key.describe(
        "The parent's key columns, which are copied into every row, and columns of the item.",
      ),
      fields: fields.describe("Columns of the item, without the parent's key."),
    }),
    'derived entities',
  )
    .prefault([])
    .describe('Rows made from arrays inside the body.'),
});

export type EntitySettings = z.output<typeof entitySettings>;
