/** Postgres over TCP; the only place outside `pipeline/` that knows the driver. */
export { checkPostgres } from './postgres/check.ts';
export { missingColumns } from './postgres/columns.ts';
export { connectPostgres, type PostgresClient, type PostgresOptions, type Row } from './postgres/connect.ts';
export { QueryFailure } from './postgres/failures.ts';
export { applySqlFolder, pendingMigrations } from './postgres/migrations.ts';
