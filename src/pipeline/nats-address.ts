import { readFileSync } from 'node:fs';
import {
  type NodeConnectionOptions,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';

/** What the environment says about NATS; the names are those of the variables. */
export interface NatsVariables {
  NATS_URL: string;
  NATS_NKEY_SEED?: string | undefined;
  NATS_CA?: string | undefined;
  NATS_CERT?: string | undefined;
  NATS_KEY?: string | undefined;
  NATS_INBOX_PREFIX?: string | undefined;
}

export type NatsAddress = Pick<
  NodeConnectionOptions,
  'servers' | 'authenticator' | 'tls' | 'inboxPrefix' | 'ignoreClusterUpdates'
>;

/**
 * `nats://user:password@host:port`, several separated by commas, user and password percent-encoded. Taken apart here,
 * because the client would use the still encoded text as the password. Files of certificates are read each time, so that
 * renewed ones count from the next connection on. Throws what the file system says.
 */
export function natsAddress(variables: NatsVariables): NatsAddress {
  const urls = variables.NATS_URL.split(',').map((part) => new URL(part.trim()));
  const { NATS_INBOX_PREFIX: inboxPrefix } = variables;
  const tls = tlsOf(
    variables,
    urls.some(({ protocol }) => protocol === 'tls:'),
  );
  return {
    servers: urls.map((url) => `${url.hostname}:${url.port || 4222}`),
    ...authenticated(variables, urls),
    ...(tls && { tls }),
    ...(inboxPrefix && { inboxPrefix }),
    // All servers are named; what they tell of each other may be addresses that cannot be reached from here.
    ignoreClusterUpdates: true,
  };
}

function authenticated({ NATS_NKEY_SEED: seed }: NatsVariables, urls: readonly URL[]): NatsAddress {
  if (seed) return { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) };
  const named = urls.find((url) => url.username !== '');
  if (named === undefined) return {};
  const user = decodeURIComponent(named.username);
  if (named.password === '') return { authenticator: tokenAuthenticator(user) };
  return { authenticator: usernamePasswordAuthenticator(user, decodeURIComponent(named.password)) };
}

function tlsOf({ NATS_CA, NATS_CERT, NATS_KEY }: NatsVariables, wanted: boolean): NatsAddress['tls'] {
  if (!wanted && !NATS_CA) return undefined;
  const text = (file: string) => readFileSync(file, 'utf8');
  return {
    ...(NATS_CA && { ca: text(NATS_CA) }),
    ...(NATS_CERT && { cert: text(NATS_CERT) }),
    ...(NATS_KEY && { key: text(NATS_KEY) }),
  };
}
