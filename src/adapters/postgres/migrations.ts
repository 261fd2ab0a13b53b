import { DevenvError } from '../../errors.ts';
import type { Bounds } from '../deadline.ts';
import { connectPostgres, type PostgresClient } from './connect.ts';
import { migrationFailure } from './migration-failure.ts';
import { readSqlFolder, type SqlFile } from './sql-folder.ts';

/** Any number of ours: two `up`s of one database must not apply the same file at once. */
const LOCK = 0x6465_7665;

const TABLE = `
  CREATE SCHEMA IF NOT EXISTS devenv;
  CREATE TABLE IF NOT EXISTS devenv.migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

type Options = Pick<Bounds, 'signal'> & Partial<Bounds>;

const CONNECT_MS = 5_000;

/** Names of the files that `applySqlFolder` would apply, in order. Throws MIGRATION_FAILED for a changed one. */
export async function pendingMigrations(url: string, folder: string, options: Options): Promise<string[]> {
  const files = await readSqlFolder(folder);
  await using session = await connectPostgres(url, { timeoutMs: CONNECT_MS, ...options });
  return (await pendingFiles(session, files)).map(({ name }) => name);
}

/**
 * Applies the `*.sql` files of a folder that are not in `devenv.migrations` yet, in name order, each in a transaction
 * of its own together with its record. Returns the names of the applied ones. Throws MIGRATION_FAILED with file and
 * line; the files before the failing one stay applied.
 */
export async function applySqlFolder(url: string, folder: string, options: Options): Promise<string[]> {
  const files = await readSqlFolder(folder);
  if (files.length === 0) return [];
  await using session = await connectPostgres(url, { timeoutMs: CONNECT_MS, ...options });
  // Held by the session, so whatever ends this process also releases it.
  await session.query('SELECT pg_advisory_lock($1)', [LOCK]);
  await session.script(TABLE);
  const pending = await pendingFiles(session, files);
  for (const file of pending) await applyFile(session, file, options.signal);
  return pending.map(({ name }) => name);
}

async function pendingFiles(session: PostgresClient, files: readonly SqlFile[]): Promise<SqlFile[]> {
  const [known] = await session.query("SELECT to_regclass('devenv.migrations') IS NOT NULL AS known");
  const rows =
    known?.known === true
      ? await session.query<{ name: string; checksum: string }>(
          'SELECT name, checksum FROM devenv.migrations',
        )
      : [];
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  const changed = files.filter(({ name, checksum }) => (applied.get(name) ?? checksum) !== checksum);
  if (changed.length > 0) throw alreadyApplied(changed);
  return files.filter(({ name }) => !applied.has(name));
}

async function applyFile(session: PostgresClient, file: SqlFile, signal: AbortSignal): Promise<void> {
  try {
    await session.script('BEGIN');
    const before = await transaction(session);
    await session.script(file.text);
    // A COMMIT or ROLLBACK inside the file ends our transaction, and its record would tell a lie.
    if ((await transaction(session)) !== before) throw endsTransaction(file);
    await session.query('INSERT INTO devenv.migrations (name, checksum) VALUES ($1, $2)', [
      file.name,
      file.checksum,
    ]);
    await session.script('COMMIT');
  } catch (error) {
    signal.throwIfAborted();
    await session.script('ROLLBACK').catch(() => {});
    throw migrationFailure(error, file);
  }
}

async function transaction(session: PostgresClient): Promise<string> {
  const [row] = await session.query('SELECT pg_current_xact_id()::text AS id');
  return String(row?.id);
}

const endsTransaction = ({ path }: SqlFile) =>
  new DevenvError('MIGRATION_FAILED', `${path} ends the transaction that it runs in`, {
    hint: 'Remove BEGIN, COMMIT and ROLLBACK: each file already runs in a transaction of its own.',
  });

const alreadyApplied = (changed: readonly SqlFile[]) =>
  new DevenvError(
    'MIGRATION_FAILED',
    `${changed.map(({ path }) => path).join(', ')} changed after it was applied to this database`,
    {
      hint: 'Undo the change and write it as a new file with a later name, or start over with `devenv down --volumes`.',
    },
  );
