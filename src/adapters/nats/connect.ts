import { connect, type NatsConnection } from '@nats-io/transport-node';
import { DevenvError } from '../../errors.ts';
import { type Bounds, bounded, DeadlineError } from '../deadline.ts';
import { connectFailure } from './failures.ts';
import { greeting } from './greeting.ts';
import { natsAddress, parseNatsUrl } from './url.ts';

export interface NatsOptions extends Bounds {
  /** Shown by the server in its connection list. */
  name?: string;
}

/**
 * One connection without reconnection: whoever asks wants to know now. Ends at the deadline even when the server
 * accepts and says nothing; a connection that comes about later than that is closed again.
 */
export function openConnection(
  url: string,
  { signal, timeoutMs, name = 'devenv' }: NatsOptions,
): Promise<NatsConnection> {
  return bounded({ signal, timeoutMs }, async (inner) => {
    const { host, port } = natsAddress(url);
    await greeting(host, port, inner);
    const connection = await connect({
      ...parseNatsUrl(url),
      name,
      // Longer than the deadline, so that the deadline is the one that speaks.
      timeout: timeoutMs + 50,
      reconnect: false,
      maxReconnectAttempts: 0,
      // Addresses that a server in a container gossips are not reachable from here.
      ignoreClusterUpdates: true,
      noAsyncTraces: true,
    });
    if (inner.aborted) await connection.close();
    return connection;
  });
}

/** The same, with a refusal told as NOT_READY. */
export async function connectOrExplain(url: string, options: NatsOptions): Promise<NatsConnection> {
  try {
    return await openConnection(url, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof DevenvError) throw error;
    const why = error instanceof DeadlineError ? error.message : connectFailure(error);
    throw new DevenvError('NOT_READY', `cannot connect to NATS at ${natsAddress(url).text}: ${why}`, {
      cause: error,
      hint: 'See `devenv status` and `devenv logs nats`; `devenv up` starts or repairs the server.',
    });
  }
}
