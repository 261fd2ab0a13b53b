import { DevenvError } from '../../errors.ts';
import { type Bounds, bounded, DeadlineError, messageOf, type Readiness } from '../deadline.ts';
import { openSession, postgresPlace } from './connect.ts';

/**
 * Does the target database answer a query over TCP? `pg_isready` is true during the initialisation of the image,
 * before the database exists, so it is never asked. Throws only when the signal aborts or the URL is malformed.
 */
export async function checkPostgres(url: string, options: Bounds): Promise<Readiness> {
  const at = postgresPlace(url);
  try {
    return await bounded(options, async (signal) => {
      await using session = await openSession(url, {
        signal,
        timeoutMs: options.timeoutMs,
        name: 'devenv-check',
      });
      const [row] = await session.query("SELECT current_setting('server_version') AS version");
      const version = String(row?.version).split(' ')[0]!;
      return { ready: true, detail: `Postgres ${version} at ${at} answers`, version };
    });
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof DevenvError && error.code === 'USAGE') throw error;
    const refused = messageOf(error).includes('ECONNREFUSED');
    const why =
      error instanceof DeadlineError ? error.message : refused ? 'connection refused' : messageOf(error);
    return { ready: false, detail: `${at}: ${why}` };
  }
}
