import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkNats, connectNats, parseNatsUrl } from '../../../src/adapters/nats.ts';
import { natsServers } from '../../helpers/nats-servers.ts';
import { accessFor, startServer, type TestServer } from './server.ts';

const signal = new AbortController().signal;
const bounds = { signal, timeoutMs: 20_000 };
const servers = await natsServers();

describe.each(servers)('nats-server $version', (binary) => {
  let server: TestServer;
  let withoutJetStream: TestServer;
  beforeAll(async () => {
    server = await startServer(binary);
    withoutJetStream = await startServer(binary, '');
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await withoutJetStream?.[Symbol.asyncDispose]();
  });

  test('is ready when it is connected, authenticated and JetStream answers', async () => {
    expect(await checkNats(server.access, bounds)).toEqual({
      ready: true,
      detail: `nats-server ${binary.version} at 127.0.0.1:${server.port}: JetStream answers`,
      version: binary.version,
    });
  });

  test('is not ready with wrong credentials, and the password is not told', async () => {
    const answer = await checkNats(accessFor(server.port, 'hunter2'), bounds);
    expect(answer).toMatchObject({ ready: false, detail: expect.stringContaining('credentials refused') });
    expect(answer.detail).not.toContain('hunter2');
  });

  test('is not ready while JetStream is off, although it answers', async () => {
    expect(await checkNats(withoutJetStream.access, bounds)).toMatchObject({
      ready: false,
      detail: expect.stringContaining('JetStream is not enabled on the server'),
    });
  });

  test('connect refuses wrong credentials with the place and a hint', async () => {
    const connecting = connectNats(accessFor(server.port, 'hunter2'), bounds);
    await expect(connecting).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringMatching(/127\.0\.0\.1:\d+: credentials refused/),
      hint: expect.any(String),
    });
  });
});

describe('a peer that is no ready nats-server', () => {
  const opened: { server: Server; sockets: Set<Socket> }[] = [];
  const peer = async (onSocket: (socket: Socket) => void): Promise<{ url: string; sockets: Set<Socket> }> => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.resume();
      onSocket(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push({ server, sockets });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { url: `nats://127.0.0.1:${address.port}`, sockets };
  };
  afterAll(() => {
    for (const { server, sockets } of opened) {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
  const INFO = 'INFO {"server_id":"x","version":"2.10.1","max_payload":100,"jetstream":true}\r\n';

  test.each([
    ['accepts and says nothing', () => {}, /no answer within 200 ms/],
    ['greets and then says nothing', (socket: Socket) => void socket.write(INFO), /no answer within 200 ms/],
    [
      'speaks HTTP',
      (socket: Socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /something other/,
    ],
    ['greets with nonsense', (socket: Socket) => void socket.write('INFO {nope\r\n'), /not the greeting/],
    [
      'greets with a version that is no text',
      (socket: Socket) => void socket.write('INFO {"version":7}\r\n'),
      /not the greeting/,
    ],
    [
      'greets with a version that is none',
      (socket: Socket) => void socket.write('INFO {"version":"next"}\r\n'),
      /not the greeting/,
    ],
    ['hangs up', (socket: Socket) => void socket.end(), /closed the connection/],
    ['resets', (socket: Socket) => void socket.resetAndDestroy(), /ECONNRESET|closed the connection/],
  ])('%s: not ready by the deadline, and no socket is left', async (_what, onSocket, detail) => {
    const { url, sockets } = await peer(onSocket);
    // What answers is told by its answer, however long the machine takes to bring it.
    const timeoutMs = detail.source.includes('200 ms') ? 200 : 20_000;
    const answer = await checkNats(parseNatsUrl(url), { signal, timeoutMs });
    expect(answer).toMatchObject({ ready: false, detail: expect.stringMatching(detail) });
    await expect.poll(() => sockets.size, { timeout: 20_000 }).toBe(0);
  });

  test('a closed port is told at once', async () => {
    const { url } = await peer(() => {});
    const { server } = opened.pop()!;
    server.close();
    await once(server, 'close');
    expect(await checkNats(parseNatsUrl(url), bounds)).toMatchObject({
      ready: false,
      detail: expect.stringContaining('connection refused'),
    });
  });

  test('an aborted signal ends the wait with its reason', async () => {
    const { url } = await peer(() => {});
    const stop = new AbortController();
    const waiting = checkNats(parseNatsUrl(url), { signal: stop.signal, timeoutMs: 100_000 });
    setTimeout(() => stop.abort(new Error('enough')), 30);
    await expect(waiting).rejects.toThrow('enough');
  });

  test.each(['http://127.0.0.1:4222', 'nonsense', 'nats://u:%ZZ@127.0.0.1:4222'])(
    'the URL %s is refused without being repeated',
    (url) => {
      const reading = () => parseNatsUrl(url);
      expect(reading).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.not.stringContaining(url) }),
      );
    },
  );
});
