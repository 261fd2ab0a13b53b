import {
  type Authenticator,
  connect,
  type NatsConnection,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';
import { DevenvError } from '../../errors.ts';
import type { NatsAccess } from '../../topology/deployment.ts';
import { type Bounds, bounded, DeadlineError } from '../deadline.ts';
import { connectFailure, ruleOfConnectFailure } from './failures.ts';
import { greeting } from './greeting.ts';
import { addressText, hostAndPort } from './url.ts';

export interface NatsOptions extends Bounds {
  /** Shown by the server in its connection list. */
  name?: string;
  /** First token of reply subjects, for users who may subscribe to no other. */
  inboxPrefix?: string;
}

/**
 * One connection without reconnection, to the server that greets first: whoever asks wants to know now. Ends at the
 * deadline even when a server accepts and says nothing; a connection that comes about later than that is closed again.
 */
export function openConnection(access: NatsAccess, options: NatsOptions): Promise<NatsConnection> {
  const { signal, timeoutMs, name = 'devenv', inboxPrefix } = options;
  return bounded({ signal, timeoutMs }, async (inner) => {
    const { host, port } = await firstToGreet(access.servers, inner);
    const connection = await connect({
      servers: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      name,
      ...(inboxPrefix !== undefined && { inboxPrefix }),
      ...authenticated(access),
      tls: tlsOptions(access),
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

/** A server that is away or hangs must not cost the deadline of those that are there. */
async function firstToGreet(
  servers: readonly string[],
  signal: AbortSignal,
): Promise<{ host: string; port: number }> {
  const [only, ...others] = servers.map(hostAndPort);
  if (only !== undefined && others.length === 0) {
    await greeting(only.host, only.port, signal);
    return only;
  }
  const found = new AbortController();
  const both = AbortSignal.any([signal, found.signal]);
  try {
    return await Promise.any(
      servers.map(async (server) => {
        const { host, port } = hostAndPort(server);
        await greeting(host, port, both);
        return { host, port };
      }),
    );
  } catch (error) {
    throw error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  } finally {
    found.abort();
  }
}

/** An authority that is not named is one that the system knows. null refuses servers that ask for TLS. */
function tlsOptions({ tls }: NatsAccess) {
  if (tls === undefined) return null;
  const { ca, ...own } = tls;
  return ca === '' ? own : tls;
}

function authenticated({ user, credential }: NatsAccess): { authenticator?: Authenticator } {
  if (credential.kind === 'nkey') {
    return { authenticator: nkeyAuthenticator(new TextEncoder().encode(credential.seed)) };
  }
  if (user === '') return {};
  if (credential.password === '') return { authenticator: tokenAuthenticator(user) };
  return { authenticator: usernamePasswordAuthenticator(user, credential.password) };
}

/** The same, with a refusal told as NOT_READY. */
export async function connectOrExplain(access: NatsAccess, options: NatsOptions): Promise<NatsConnection> {
  try {
    return await openConnection(access, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof DevenvError) throw error;
    const why = error instanceof DeadlineError ? error.message : connectFailure(error);
    const about = ruleOfConnectFailure(error);
    throw new DevenvError('NOT_READY', `cannot connect to NATS at ${addressText(access)}: ${why}`, {
      cause: error,
      hint: `See \`devenv status\` and \`devenv logs nats\`; \`devenv up\` starts or repairs the server.${
        about === undefined ? '' : ` \`devenv explain ${about}\` tells more.`
      }`,
    });
  }
}
