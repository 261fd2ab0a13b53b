import * as z from 'zod';
import { settingsSchema } from './settings.ts';

export interface JsonSchema {
  [keyword: string]: unknown;
}

/** The name under which `devenv init` puts the schema beside a devenv.yaml, whose first line refers to it. */
export const SCHEMA_FILE = 'devenv.schema.json';

/** The JSON Schema (draft 7, which editors know best) of devenv.yaml, as it is written by hand: `10GiB`, not bytes. */
export function jsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(settingsSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // A section that defaults to "everything default" would only show an empty map in an editor.
      if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default;
    },
  });
  return {
    ...schema,
    title: 'devenv.yaml',
    description: 'A local event-driven stack: NATS JetStream, Postgres and the services around them.',
    patternProperties: { '^x-': { description: 'Anything: a place for anchors.' } },
  };
}

/** What is put into a file. */
export const jsonSchemaText = (): string => `${JSON.stringify(jsonSchema(), null, 2)}\n`;
