import pg from 'pg';
import type { Logger } from './logger.ts';

export type Database = pg.Pool;
export type DatabaseClient = pg.PoolClient;

export interface DatabaseOptions {
  program: string;
  maxConnections: number;
  /** Sends statements without waiting for the answer to the one before; they still run in order. */
  pipeline?: boolean;
}

/** A query that takes longer than this means that the server is stuck, not busy. */
const QUERY_TIMEOUT_MS = 5000;

/**
 * Every statement of the pipeline finds its rows by key. Left to itself the planner, on a table that was empty when the
 * statement was prepared, chooses to read the whole table and keeps that plan while the table grows.
 */
const BY_KEY = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

/** A pool that connects when first used; a lost connection is logged and replaced by the next query. */
export function openDatabase(url: string, options: DatabaseOptions, log: Logger): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.program,
    options: BY_KEY,
    max: options.maxConnections,
    connectionTimeoutMillis: 2000,
    query_timeout: QUERY_TIMEOUT_MS,
    idleTimeoutMillis: 0,
    keepAlive: true,
    ...(options.pipeline ? { pipeline: true } : {}),
  });
  // A client in use has no listener of the pool's; its loss would end the process instead of failing its queries.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', (error) => log.warn({ reason: error.message }, 'postgres connection lost'));
  return pool;
}

/** SQLSTATE, when the server itself refused. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined;

/**
 * Is the database away, rather than the message bad? No SQLSTATE means that no server answered; the classes are
 * connection exception, invalid authorization, unknown database, insufficient resources and operator intervention
 * (appendix A of the Postgres manual). 57014 is a cancelled statement, which concerns only that statement.
 */
export function isOutage(error: unknown): boolean {
  const state = sqlState(error);
  if (state === undefined) return !(error instanceof TypeError || error instanceof RangeError);
  return /^(08|28|3D|53|57P|58|XX)/.test(state) || state === '25006';
}

/** Can trying again ever help? Data exceptions, broken constraints and program limits are the message's own fault. */
export const isDataError = (error: unknown): boolean => /^(22|23|54|21)/.test(sqlState(error) ?? '');
