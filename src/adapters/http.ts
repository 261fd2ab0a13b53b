import { request as open } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { type Bounds, bounded, DeadlineError, messageOf, type Readiness } from './deadline.ts';

export interface HttpRequest extends Bounds {
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

/** Longest body kept; a service that streams for ever must not fill our memory. */
const LONGEST_BODY = 1024 * 1024;

/** One request on a connection of its own, so that no idle socket delays the service's shutdown. */
export function requestHttp(
  url: string,
  { signal, timeoutMs, method = 'GET', headers, body }: HttpRequest,
): Promise<HttpAnswer> {
  return bounded(
    { signal, timeoutMs },
    (inner) =>
      new Promise((resolve, reject) => {
        const sent = open(url, {
          method,
          agent: false,
          signal: inner,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          },
        });
        sent.on('error', reject);
        sent.on('response', (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('error', reject);
          answer.on('data', (chunk: string) => {
            text += chunk;
            if (text.length > LONGEST_BODY) answer.destroy(new Error('the answer is longer than 1 MiB'));
          });
          answer.on('end', () => {
            const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
            resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(fields), text });
          });
        });
        sent.end(body);
      }),
  );
}

/** Ready = any 2xx. Throws only when the signal aborts. */
export async function checkHttp(url: string, options: Bounds): Promise<Readiness> {
  const asked = `GET ${new URL(url).pathname}`;
  try {
    const { status, text } = await requestHttp(url, options);
    const ready = status >= 200 && status < 300;
    return {
      ready,
      detail: ready ? `${asked} → ${status}` : `${asked} → ${status} ${brief(text)}`.trimEnd(),
    };
  } catch (error) {
    options.signal.throwIfAborted();
    return { ready: false, detail: `${asked}: ${connectProblem(error)}` };
  }
}

/** A proxy before a container accepts at once and hangs up when nothing listens behind it. */
const STAYS_OPEN_MS = 30;

/** Ready = the port of 127.0.0.1 accepts a connection and keeps it. Throws only when the signal aborts. */
export async function checkTcp(port: number, options: Bounds): Promise<Readiness> {
  const at = `127.0.0.1:${port}`;
  try {
    await bounded(options, (signal) => accepts(port, signal));
    return { ready: true, detail: `${at} accepts connections` };
  } catch (error) {
    options.signal.throwIfAborted();
    return { ready: false, detail: `${at}: ${connectProblem(error)}` };
  }
}

function accepts(port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: '127.0.0.1', port, signal });
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('accepts connections and hangs up')));
    socket.on('connect', () => {
      setTimeout(() => {
        socket.destroy();
        resolve();
      }, STAYS_OPEN_MS);
    });
    socket.resume();
  });
}

function connectProblem(error: unknown): string {
  if (error instanceof DeadlineError) return error.message;
  const text = messageOf(error);
  return text.includes('ECONNREFUSED') ? 'connection refused' : text;
}

/** First line of a body, short enough for a status table. */
const brief = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 160);
