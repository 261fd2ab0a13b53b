import { type Bounds, DeadlineError, messageOf } from '../deadline.ts';
import { requestHttp } from '../http.ts';
import {
  accountNames,
  clientConnections,
  healthAnswer,
  jetStreamState,
  serverState,
} from './monitoring-shapes.ts';

/**
 * The monitoring endpoints of one server, `url` being `http://127.0.0.1:8222`. They answer without a password and say
 * 200 also for what is not so, so each answer is checked for its shape. Each call rejects with an Error whose message is
 * one line for a person; the caller's own abort is passed on as it is.
 */
export const monitoring = (url: string, bounds: Bounds) => ({
  /** Version, start, counters. */
  varz: () => ask(`${url}/varz`, bounds, serverState),
  /** Reservations, limits, the cluster. `/jsz` waits for locks of the store: on a full disk 2.9 never answers. */
  jsz: () => ask(`${url}/jsz`, bounds, jetStreamState),
  /** Open clients and those of the recent past. */
  connections: () =>
    ask(`${url}/connz?auth=true&state=any&sort=last&limit=${MOST_CONNECTIONS}`, bounds, clientConnections),
  accounts: () => ask(`${url}/accountz`, bounds, accountNames),
  healthz: async () => healthAnswer(await answered(`${url}/healthz`, bounds)),
});

/** Those that did something last: readiness checks alone leave hundreds of closed ones. Each takes up to a KiB, and no answer may be longer than 1 MiB. */
const MOST_CONNECTIONS = 512;

async function ask<T>(url: string, bounds: Bounds, shaped: (answer: unknown) => T): Promise<T> {
  const { status, text } = await answered(url, bounds);
  const { pathname } = new URL(url);
  if (status !== 200) throw new Error(`${pathname} answers ${status}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${pathname} answers something other than JSON`);
  }
  try {
    return shaped(value);
  } catch (error) {
    throw new Error(`${pathname} answers other fields than a nats-server: ${messageOf(error)}`);
  }
}

async function answered(url: string, bounds: Bounds): Promise<{ status: number; text: string }> {
  const { pathname, host } = new URL(url);
  try {
    return await requestHttp(url, bounds);
  } catch (error) {
    bounds.signal.throwIfAborted();
    const refused = messageOf(error).includes('ECONNREFUSED');
    const why = refused ? `nothing listens on ${host}` : messageOf(error);
    throw new Error(error instanceof DeadlineError ? `${pathname}: ${error.message}` : `${pathname}: ${why}`);
  }
}
