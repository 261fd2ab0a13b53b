import { DevenvError } from '../../errors.ts';
import type { NatsAccess } from '../../topology/deployment.ts';
import { type Bounds, bounded, DeadlineError, type Readiness } from '../deadline.ts';
import { openConnection } from './connect.ts';
import { connectFailure } from './failures.ts';
import { addressText } from './url.ts';

/**
 * Is the server ready for us: connected, authenticated, JetStream answering for the account? Asked by protocol,
 * because `/healthz` answers 200 with JetStream off. Throws only when the signal aborts. In a cluster the
 * leader of all servers answers, so a yes also means that there is one.
 * About 4 ms against a ready server and less than 1 ms against a closed port, so it can be asked every 10 ms.
 */
export async function checkNats(access: NatsAccess, options: Bounds): Promise<Readiness> {
  const at = addressText(access);
  try {
    return await bounded(options, (signal) => ask(access, at, { ...options, signal }));
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof DevenvError) throw error;
    const why = error instanceof DeadlineError ? error.message : connectFailure(error);
    return { ready: false, detail: `${at}: ${why}` };
  }
}

async function ask(access: NatsAccess, at: string, bounds: Bounds): Promise<Readiness> {
  const connection = await openConnection(access, { ...bounds, name: 'devenv-check' });
  try {
    const version = connection.info?.version ?? 'of unknown version';
    const who = `nats-server ${version} at ${at}`;
    if (connection.info?.jetstream !== true) {
      return {
        ready: false,
        detail: `${who}: connected, but JetStream is not enabled on the server`,
        version,
      };
    }
    const answer = await connection.request('$JS.API.INFO', undefined, { timeout: bounds.timeoutMs });
    const { error } = answer.json<{ error?: { code: number; err_code?: number; description: string } }>();
    if (error === undefined) return { ready: true, detail: `${who}: JetStream answers`, version };
    const said = `${error.description} (${error.err_code ?? error.code})`;
    return { ready: false, detail: `${who}: JetStream says ${said}`, version };
  } finally {
    await connection.close();
  }
}
