import type { Container } from './containers.ts';
import { type EngineClient, EngineError } from './engine-client.ts';

/** The first words of initdb, and the last ones of the official image's entrypoint after it. */
const BEGUN = 'The files belonging to this database system will be owned by user';
const FINISHED = 'PostgreSQL init process complete';

/** Whether a Postgres container began to make its database and did not get to the end of it; from its log. Pure. */
export const isUnfinished = (log: string): boolean => log.includes(BEGUN) && !log.includes(FINISHED);

/**
 * The image takes any data directory with a version file in it for a database, also one that a stop has cut short: it
 * would come up without its role and database for ever. An image that says neither sentence is left alone.
 */
export async function hasUnfinishedDatabase(
  client: EngineClient,
  { id }: Container,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    // The engine writes a frame header before each chunk; the sentences are whole lines, so none is inside of them.
    const query = { stdout: true, stderr: true };
    return isUnfinished(
      String(await client.call<unknown>('GET', `/containers/${id}/logs`, { query, signal })),
    );
  } catch (error) {
    signal.throwIfAborted();
    // Gone meanwhile, or a log driver that cannot be read.
    if (error instanceof EngineError) return false;
    throw error;
  }
}
