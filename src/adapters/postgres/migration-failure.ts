import pg from 'pg';
import { DevenvError } from '../../errors.ts';
import { messageOf } from '../deadline.ts';
import type { SqlFile } from './sql-folder.ts';

/** What went wrong in a SQL file, with the place in the file when the server names one. */
export function migrationFailure(error: unknown, file: SqlFile): DevenvError {
  if (error instanceof DevenvError && error.code === 'MIGRATION_FAILED') return error;
  const place = error instanceof pg.DatabaseError ? placeOf(file.text, error.position) : undefined;
  const where = place === undefined ? file.path : `${file.path}:${place.line}:${place.column}`;
  return new DevenvError('MIGRATION_FAILED', `${where}: ${messageOf(error)}`, {
    cause: error,
    details: place === undefined ? [] : [place.text, `${' '.repeat(place.column - 1)}^`],
    hint: hintFor(error, place?.text),
  });
}

function hintFor(error: unknown, line: string | undefined): string {
  if (line?.trimStart().startsWith('\\')) {
    return 'Lines that start with a backslash are commands of psql; the file is sent to the server as it is. Use SQL only.';
  }
  if (error instanceof pg.DatabaseError && error.code === '25001') {
    return 'Each file runs in a transaction; leave out what cannot run in one (for an index: CONCURRENTLY).';
  }
  if (error instanceof pg.DatabaseError && error.hint) return error.hint;
  return 'Correct the file and run `devenv up` again; nothing of this file was applied.';
}

/** The server's position counts characters of the whole text from 1. */
function placeOf(
  text: string,
  position: string | undefined,
): { line: number; column: number; text: string } | undefined {
  if (position === undefined) return undefined;
  const before = Array.from(text)
    .slice(0, Number(position) - 1)
    .join('');
  const start = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return {
    line,
    column: Array.from(before.slice(start)).length + 1,
    text: text.slice(start).split(/\r?\n/, 1)[0]!,
  };
}
