import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DevenvError } from '../../errors.ts';
import { messageOf } from '../deadline.ts';

export interface SqlFile {
  name: string;
  path: string;
  text: string;
  /** SHA-256 of the bytes, hex. */
  checksum: string;
}

/** The `*.sql` files of a folder in name order (by code unit, so the same on every machine). */
export async function readSqlFolder(folder: string): Promise<SqlFile[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  } catch (error) {
    throw new DevenvError('CONFIG_INVALID', `cannot read the SQL folder ${folder}: ${messageOf(error)}`, {
      cause: error,
      hint: 'postgres.sql in devenv.yaml must name a folder that exists and that you may read.',
    });
  }
  return Promise.all(names.map((name) => readSqlFile(folder, name)));
}

async function readSqlFile(folder: string, name: string): Promise<SqlFile> {
  const path = join(folder, name);
  try {
    const bytes = await readFile(path);
    // Strips a byte order mark, which Postgres would take for a part of the first word.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.includes('\0')) throw new Error('it contains a NUL byte');
    return { name, path, text, checksum: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    throw new DevenvError('MIGRATION_FAILED', `cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: 'SQL files must be readable text in UTF-8.',
    });
  }
}
