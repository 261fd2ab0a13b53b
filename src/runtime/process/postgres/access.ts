import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeJson } from '../../../adapters/files.ts';
import { DevenvError } from '../../../errors.ts';
import type { Account } from './account.ts';
import { lastLines, runCommand } from './commands.ts';
import { scramVerifier, verifies } from './scram.ts';
import { BOOTSTRAP_ROLE } from './template.ts';

/** Who may log in, and to what. */
export interface PostgresAccess {
  user: string;
  password: string;
  database: string;
}

/** Beside the data, mode 0600: what was last made of it. The verifier is what Postgres itself keeps. */
interface AccessRecord {
  user: string;
  database: string;
  verifier: string;
}

const recordOf = (dataDir: string): string => join(dataDir, 'devenv-access.json');

/**
 * Makes the role and the database of a data directory what they are declared to be, by a stand-alone backend
 * (`postgres --single`, 50 ms) while no server runs on it. Does nothing when they are so already.
 */
export async function ensureAccess(
  postgres: string,
  dataDir: string,
  access: PostgresAccess,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<void> {
  const record = await recorded(dataDir);
  const { user, password, database } = access;
  if (record?.user === user && record.database === database && verifies(record.verifier, password)) return;
  const verifier = scramVerifier(password);
  // Stand-alone, without a configuration of ours yet: quiet, and as little memory as it takes.
  const settings = [
    '-F',
    '-c',
    'log_checkpoints=off',
    '-c',
    'lc_messages=C',
    '-c',
    'dynamic_shared_memory_type=mmap',
  ];
  const args = ['--single', '-D', dataDir, ...settings, 'postgres'];
  const { status, output } = await runCommand(postgres, args, {
    cwd: dirname(dataDir),
    signal,
    account,
    input: accessStatements(access, verifier).join('\n').concat('\n'),
  });
  const errors = output
    .split('\n')
    .filter((line) => /(ERROR|FATAL|PANIC):/.test(line) && !line.includes('already exists'));
  if (status !== 0 || errors.length > 0)
    throw new DevenvError(
      'STATE_UNREADABLE',
      `The database in ${dataDir} cannot be set up (status ${status}).`,
      {
        hint: '`devenv down --volumes` removes it; the next `devenv up` makes a new one.',
        details: lastLines(output),
      },
    );
  await writeJson(recordOf(dataDir), { user, database, verifier } satisfies AccessRecord, { mode: 0o600 });
}

/**
 * One statement per line, as the stand-alone backend reads them; it has no IF NOT EXISTS for roles and databases, so
 * "already exists" is an expected answer. Pure.
 */
export function accessStatements(
  { user, database }: Omit<PostgresAccess, 'password'>,
  verifier: string,
): string[] {
  const role = identifier(user);
  return [
    ...(user === BOOTSTRAP_ROLE ? [] : [`CREATE ROLE ${role}`]),
    `ALTER ROLE ${role} SUPERUSER LOGIN PASSWORD ${literal(verifier)}`,
    // Copying files is faster than writing pages through the log when nothing is synced.
    ...(database === 'postgres' || database === 'template1'
      ? []
      : [`CREATE DATABASE ${identifier(database)} OWNER ${role} STRATEGY FILE_COPY`]),
  ];
}

function identifier(name: string): string {
  // A newline would end the statement; NUL cannot be in a name; 63 bytes is all that Postgres keeps of one.
  if (/[\0\r\n]/.test(name) || name === '' || Buffer.byteLength(name) > 63)
    throw new DevenvError('CONFIG_INVALID', `${JSON.stringify(name)} cannot be a name in Postgres.`, {
      hint: 'Use 1 to 63 bytes without line breaks.',
    });
  return `"${name.replaceAll('"', '""')}"`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function recorded(
  dataDir: string,
): Promise<(Partial<AccessRecord> & { verifier: string }) | undefined> {
  try {
    const value = JSON.parse(await readFile(recordOf(dataDir), 'utf8')) as Partial<AccessRecord>;
    return typeof value.verifier === 'string' ? { ...value, verifier: value.verifier } : undefined;
  } catch {
    return undefined;
  }
}
