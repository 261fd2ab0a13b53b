import pg from 'pg';
import { DevenvError } from '../../errors.ts';
import { messageOf } from '../deadline.ts';

/** A query that failed, with the server's SQLSTATE so that a caller can tell causes apart. */
export class QueryFailure extends DevenvError {
  /** Five characters, e.g. `55P03`; undefined when the connection broke instead. */
  readonly sqlState: string | undefined;

  constructor(message: string, sqlState: string | undefined, cause: unknown) {
    super('POSTGRES_FAILED', message, { cause });
    this.sqlState = sqlState;
  }
}

export function postgresFailure(error: unknown): DevenvError {
  if (error instanceof DevenvError) return error;
  if (error instanceof pg.DatabaseError) {
    const detail = error.detail === undefined ? '' : ` (${error.detail})`;
    return new QueryFailure(`Postgres says: ${error.message}${detail}`, error.code, error);
  }
  return new QueryFailure(`the Postgres connection failed: ${messageOf(error)}`, undefined, error);
}
