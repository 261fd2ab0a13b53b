import { connect, type Socket } from 'node:net';
import { someOrder } from '../helpers/pipeline-entities.ts';

/** What the load generator is told, as one line of JSON in its arguments. */
export interface Load {
  port: number;
  /** `single`: one Order per request; `batch`: `linesPerRequest` of them. */
  mode: 'single' | 'batch';
  messages: number;
  linesPerRequest: number;
  connections: number;
  /** Order keys are `<prefix>-<n>`. */
  prefix: string;
}

export interface LoadResult {
  accepted: number;
  /** status → answers */
  statuses: Record<string, number>;
  /** Date.now() of the first request and of the last answer. */
  startedAt: number;
  endedAt: number;
}

/**
 * Posts exactly `messages` Orders over keep-alive connections, each with one request at a time, and counts what was
 * accepted. Plain sockets, because on two cores an HTTP client library would take from what it measures.
 */
export async function generateLoad(load: Load): Promise<LoadResult> {
  const perRequest = load.mode === 'single' ? 1 : load.linesPerRequest;
  const result: LoadResult = { accepted: 0, statuses: {}, startedAt: Date.now(), endedAt: 0 };
  let next = 0;
  const take = (): Buffer | undefined => {
    if (next >= load.messages) return undefined;
    const from = next;
    next = Math.min(next + perRequest, load.messages);
    return request(load, from, next);
  };
  const note = (status: number, body: string) => {
    result.statuses[status] = (result.statuses[status] ?? 0) + 1;
    if (status === 202) result.accepted += 1;
    if (status === 207) result.accepted += (JSON.parse(body) as { accepted: number }).accepted;
  };
  await Promise.all(Array.from({ length: load.connections }, () => drive(load.port, take, note)));
  result.endedAt = Date.now();
  return result;
}

function request(load: Load, from: number, to: number): Buffer {
  let body = '';
  for (let at = from; at < to; at += 1) {
    body += `${at > from ? '\n' : ''}${JSON.stringify(someOrder(`${load.prefix}-${at}`))}`;
  }
  const path = load.mode === 'single' ? '/ingest/message' : '/ingest/batch';
  const type = load.mode === 'single' ? 'application/json' : 'application/x-ndjson';
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** One connection: request, whole answer, next request. */
function drive(
  port: number,
  take: () => Buffer | undefined,
  note: (status: number, body: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1');
    let received = '';
    const send = () => {
      const bytes = take();
      if (bytes !== undefined) socket.write(bytes);
      else {
        socket.end();
        resolve();
      }
    };
    socket.setNoDelay(true).setEncoding('latin1');
    socket.once('connect', send);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the API closed the connection')));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(received.slice(0, headEnd))?.[1]);
      if (Number.isNaN(length)) reject(new Error(`no content-length in: ${received.slice(0, headEnd)}`));
      const end = headEnd + 4 + length;
      if (received.length < end) return;
      note(Number(received.slice(9, 12)), received.slice(headEnd + 4, end));
      received = received.slice(end);
      send();
    });
  });
}
