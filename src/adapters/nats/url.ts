import type { ConnectionOptions } from '@nats-io/transport-node';
import { DevenvError } from '../../errors.ts';

/**
 * `nats://user:password@host:port` (parts percent-encoded) as client options. A user without a password is a token,
 * as in every NATS client. The client itself would take the credentials for a part of the host name.
 */
export function parseNatsUrl(url: string): Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token'> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.hostname === '' || !/^(nats|tls):$/.test(parsed.protocol)) {
    throw malformed('expected nats://user:password@host:port');
  }
  const servers = `${parsed.protocol}//${parsed.hostname}:${parsed.port || '4222'}`;
  if (parsed.username === '') return { servers };
  const user = decoded(parsed.username);
  if (parsed.password === '') return { servers, token: user };
  return { servers, user, pass: decoded(parsed.password) };
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

/** Where a NATS URL points, without its credentials. */
export function natsAddress(url: string): { host: string; port: number; text: string } {
  parseNatsUrl(url);
  const { hostname, port } = new URL(url);
  const number = port === '' ? 4222 : Number(port);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: number, text: `${hostname}:${number}` };
}
