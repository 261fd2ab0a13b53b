import { join } from 'node:path';
import type { MigrationDesk, MigrationPlan } from '../engine/world.ts';
import { DevenvError } from '../errors.ts';
import { expectedTables } from '../topology/entity-tables.ts';
import { pipelineDir } from './package-root.ts';

/**
 * The user's SQL folder through the Postgres adapter; the tables of the declared entities through the pipeline's own
 * `migrate` program, which knows how a declaration becomes DDL.
 */
export const migrationDesk: MigrationDesk = {
  async pending(databaseUrl, { sql, entities }, signal) {
    const { missingColumns, pendingMigrations } = await import('../adapters/postgres.ts');
    const [files, columns] = await Promise.all([
      sql === undefined ? [] : pendingMigrations(databaseUrl, sql, { signal }),
      missingColumns(databaseUrl, expectedTables(entities), { signal }),
    ]);
    return [...files.map((file) => `${file}: not applied`), ...columns];
  },

  async apply(databaseUrl, { sql, entities }, signal) {
    const applied: string[] = [];
    if (sql !== undefined) {
      const { applySqlFolder } = await import('../adapters/postgres.ts');
      applied.push(...(await applySqlFolder(databaseUrl, sql, { signal })));
    }
    const { missingColumns } = await import('../adapters/postgres.ts');
    // One query is some 300 ms cheaper than a program that finds nothing to do.
    const missing = await missingColumns(databaseUrl, expectedTables(entities), { signal });
    if (missing.length > 0) {
      await migrateEntities(databaseUrl, entities, signal);
      applied.push(...missing.map((line) => line.replace(/: .*/, '')));
    }
    return applied;
  },
};

async function migrateEntities(
  databaseUrl: string,
  entities: MigrationPlan['entities'],
  signal: AbortSignal,
): Promise<void> {
  const { execa } = await import('execa');
  const run = await execa(process.execPath, [join(pipelineDir, 'migrate.js')], {
    env: { DATABASE_URL: databaseUrl, ENTITIES: JSON.stringify(entities) },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: 1_000,
  });
  signal.throwIfAborted();
  if (run.exitCode === 0) return;
  throw new DevenvError('MIGRATION_FAILED', 'the tables of the declared entities could not be made', {
    details: (run.stderr || run.stdout || String(run.cause ?? '')).split('\n').slice(-20),
    hint: 'Compare `entities` in devenv.yaml with the tables that exist, or start over with `devenv down --volumes`.',
  });
}
