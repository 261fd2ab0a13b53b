import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type Frame, lineReader, type SupervisorExit, type SupervisorRequest } from '../wire.ts';

export interface ControlHandlers {
  /** Answers one request; what it throws is told to whoever asked. */
  handle(request: Exclude<SupervisorRequest, { op: 'exits' }>): Promise<unknown>;
  /** Past exits at or after an instant; later ones come by `publish`. */
  exitsSince(after: string): readonly SupervisorExit[];
}

export interface Control {
  publish(exit: SupervisorExit): void;
  connections(): number;
  close(): void;
}

/** The control socket: who may open the file (mode 0600, in a folder of mode 0700) may do everything. */
export async function openControl(path: string, { handle, exitsSince }: ControlHandlers): Promise<Control> {
  const sockets = new Set<Socket>();
  const subscribers = new Map<Socket, number>();
  const send = (socket: Socket, frame: Frame) => {
    if (socket.writable) socket.write(`${JSON.stringify(frame)}\n`);
  };

  const answer = (socket: Socket, message: unknown) => {
    const { id, ...request } = message as SupervisorRequest & { id: number };
    if (typeof id !== 'number') throw new Error('a request without an id');
    if (request.op === 'exits') {
      for (const exit of exitsSince(request.after)) send(socket, { id, exit });
      subscribers.set(socket, id);
      return;
    }
    handle(request).then(
      (result) => send(socket, { id, result: result ?? null }),
      (error: unknown) => send(socket, { id, error: error instanceof Error ? error.message : String(error) }),
    );
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    const read = lineReader((message) => answer(socket, message));
    socket.on('data', (chunk) => {
      try {
        read(chunk);
      } catch {
        // Not our language: whoever it is learns it by the connection's end.
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      subscribers.delete(socket);
    });
  });
  await listen(server, path);
  return {
    publish(exit) {
      for (const [socket, id] of subscribers) send(socket, { id, exit });
    },
    connections: () => sockets.size,
    close() {
      server.close();
      for (const socket of sockets) socket.end();
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The umask, not a later chmod, makes the socket private from its first moment.
    const before = process.umask(0o177);
    server.listen(path, () => {
      process.umask(before);
      chmodSync(path, 0o600);
      resolve();
    });
  });
}
