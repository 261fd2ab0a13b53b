import pg from 'pg';
import { isOutage, sqlState } from '../database.ts';
import { entitiesSchema } from '../entities/declaration.ts';
import { json, readEnvironment, VARIABLES, wholeNumber } from '../environment.ts';
import { errorText } from '../message-status.ts';
import { fail } from '../program.ts';
import { IncompatibleSchemaError, migrate } from './migrate.ts';

/**
 * `DATABASE_URL=… ENTITIES=… node migrate.js` makes the tables of the pipeline. Prints one line of JSON
 * (MigrationResult) and exits 0; exits 2 on wrong variables and 1 on anything else, with the reason on stderr. Waits
 * MIGRATE_TIMEOUT_MS for a database that is not there yet.
 */
async function main(): Promise<void> {
  const variables = readEnvironment(
    {
      DATABASE_URL: VARIABLES.DATABASE_URL,
      ENTITIES: json(entitiesSchema, 'a JSON array of entities'),
      MIGRATE_TIMEOUT_MS: wholeNumber(15_000, 0, 600_000),
    },
    process.env,
  );
  const client = await connect(variables.DATABASE_URL, Date.now() + variables.MIGRATE_TIMEOUT_MS);
  try {
    process.stdout.write(`${JSON.stringify(await migrate(client, variables.ENTITIES))}\n`);
  } finally {
    await client.end().catch(() => {});
  }
}

async function connect(url: string, deadline: number): Promise<pg.Client> {
  for (;;) {
    const remaining = Math.max(deadline - Date.now(), 1000);
    const client = new pg.Client({
      connectionString: url,
      application_name: 'pipeline-migrate',
      connectionTimeoutMillis: Math.min(remaining, 2000),
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      // A wrong password will not become right by waiting.
      const refused = sqlState(error)?.startsWith('28') ?? false;
      if (refused || !isOutage(error) || Date.now() >= deadline) {
        throw new Error(`cannot connect to the database: ${errorText(error)}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof IncompatibleSchemaError)) fail(error);
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
