import { connect, type Socket } from 'node:net';
import { bounded } from '../../adapters/deadline.ts';
import { errnoOf } from '../../adapters/files.ts';
import {
  type Frame,
  lineReader,
  PROTOCOL,
  type SupervisorExit,
  type SupervisorRequest,
  type SupervisorStatus,
} from './wire.ts';

/** The command's end of the control socket. */
export interface SupervisorClient extends Disposable {
  readonly pid: number;
  /** Rejects with the supervisor's words, with `the supervisor ended`, or with the signal's reason. */
  request<T>(request: SupervisorRequest, signal: AbortSignal): Promise<T>;
  /** Exits at or after `after` (ISO 8601), until the connection ends or the signal aborts. */
  exits(after: string, signal: AbortSignal): AsyncGenerator<SupervisorExit>;
  status(signal: AbortSignal): Promise<SupervisorStatus>;
}

/** A supervisor that does nothing else answers in under a millisecond; one that is stopped or stuck never does. */
const ANSWER_MS = 2_000;

/**
 * Connects to the supervisor behind a socket. null when there is none; `unresponsive` when somebody holds the socket
 * but does not answer in our language and in time (stopped, stuck, or of another version of devenv).
 */
export async function connectSupervisor(
  path: string,
  environment: string,
  signal: AbortSignal,
): Promise<SupervisorClient | 'unresponsive' | null> {
  signal.throwIfAborted();
  const socket = await open(path);
  if (socket === null) return null;
  const client = converse(socket);
  try {
    const status = await client.status(signal);
    if (status.protocol === PROTOCOL && status.environment === environment)
      return { ...client, pid: status.pid, [Symbol.dispose]: () => socket.destroy() };
  } catch {
    signal.throwIfAborted();
  }
  socket.destroy();
  return 'unresponsive';
}

function open(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error) => {
      const gone = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'EINVAL', 'ENOTSOCK', 'ECONNRESET'];
      if (gone.includes(errnoOf(error) ?? '')) resolve(null);
      else reject(error);
    });
  });
}

function converse(socket: Socket): Omit<SupervisorClient, 'pid' | typeof Symbol.dispose> {
  const waiting = new Map<number, (frame: Frame | Error) => void>();
  let last = 0;
  const end = () => {
    for (const settle of waiting.values()) settle(new Error('the supervisor ended'));
    waiting.clear();
  };
  const read = lineReader((frame) => waiting.get((frame as Frame).id)?.(frame as Frame));
  socket.on('data', (chunk) => {
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', end);
  socket.on('close', end);

  const send = (request: SupervisorRequest, onFrame: (frame: Frame | Error) => void): number => {
    last += 1;
    waiting.set(last, onFrame);
    if (socket.destroyed) end();
    else socket.write(`${JSON.stringify({ id: last, ...request })}\n`);
    return last;
  };

  const request = <T>(message: SupervisorRequest, signal: AbortSignal): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        waiting.delete(id);
        reject(signal.reason);
      };
      const id = send(message, (frame) => {
        waiting.delete(id);
        signal.removeEventListener('abort', abort);
        if (frame instanceof Error) reject(frame);
        else if ('error' in frame) reject(new Error(frame.error));
        else if ('result' in frame) resolve(frame.result as T);
      });
      signal.addEventListener('abort', abort, { once: true });
    });

  return {
    request,
    status: (signal) =>
      bounded({ signal, timeoutMs: ANSWER_MS }, (inner) =>
        request<SupervisorStatus>({ op: 'status' }, inner),
      ),
    async *exits(after, signal) {
      const queue: SupervisorExit[] = [];
      let over = false;
      let wake: () => void = () => undefined;
      const id = send({ op: 'exits', after }, (frame) => {
        if (frame instanceof Error || !('exit' in frame)) over = true;
        else queue.push(frame.exit);
        wake();
      });
      const abort = () => wake();
      signal.addEventListener('abort', abort);
      try {
        while (!signal.aborted) {
          const exit = queue.shift();
          if (exit !== undefined) yield exit;
          else if (over) return;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        waiting.delete(id);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}
