import { DevenvError } from '../../errors.ts';
import type { NatsAccess } from '../../topology/deployment.ts';

/**
 * `nats://user:password@host:port`, several separated by commas, parts percent-encoded. Taken apart here, because the
 * client itself would take the credentials for a part of the host name. A user without a password is a token, as in
 * every NATS client; without both nobody logs in. Throws USAGE.
 */
export function parseNatsUrl(text: string): NatsAccess {
  const urls = text.split(',').map(oneUrl);
  const named = urls.find(({ username }) => username !== '');
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || '4222'}`),
    user: decoded(named?.username ?? ''),
    credential: { kind: 'password', password: decoded(named?.password ?? '') },
  };
}

function oneUrl(text: string): URL {
  const parsed = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (parsed === undefined || parsed.hostname === '' || !/^(nats|tls):$/.test(parsed.protocol)) {
    throw malformed('expected nats://user:password@host:port');
  }
  return parsed;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw malformed('its user or password is not percent-encoded correctly');
  }
}

// The URL itself stays out of the message: it carries the password.
const malformed = (reason: string) =>
  new DevenvError('USAGE', `the NATS URL cannot be read: ${reason}`, {
    hint: 'Write it as nats://user:password@127.0.0.1:4222; percent-encode what is special in the password.',
  });

/** `127.0.0.1:4222`, `[::1]:4222` as a socket wants it. */
export function hostAndPort(server: string): { host: string; port: number } {
  const at = server.lastIndexOf(':');
  return { host: server.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(server.slice(at + 1)) };
}

/** Where an access leads, without its credentials. */
export const addressText = ({ servers }: NatsAccess): string => servers.join(', ');
