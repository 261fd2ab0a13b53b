import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checkNats, connectNats } from '../../../src/adapters/nats.ts';
import type { NatsAccess } from '../../../src/topology/deployment.ts';
import { natsServers } from '../../helpers/nats-servers.ts';
import { startServer } from './server.ts';

const bounds = { signal: new AbortController().signal, timeoutMs: 20_000 };
const binary = (await natsServers()).at(-1)!;
const opened: Server[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

/** Accepts and says nothing. */
async function silent(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => {}));
  opened.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

describe('of several servers', () => {
  test('one that is away and one that hangs cost no time', async () => {
    await using server = await startServer(binary);
    const access: NatsAccess = {
      ...server.access,
      servers: ['127.0.0.1:1', await silent(), ...server.access.servers],
    };
    const started = performance.now();
    await using client = await connectNats(access, bounds);
    expect(await client.listStreams()).toEqual([]);
    expect(performance.now() - started).toBeLessThan(bounds.timeoutMs / 2);
  });

  test('the first reason is told when none of them answers', async () => {
    const access: NatsAccess = {
      servers: ['127.0.0.1:1', '127.0.0.1:2'],
      user: 'u',
      credential: { kind: 'password', password: 'hunter2' },
    };
    expect(await checkNats(access, bounds)).toEqual({
      ready: false,
      detail: '127.0.0.1:1, 127.0.0.1:2: connection refused',
    });
    await expect(connectNats(access, bounds)).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.not.stringContaining('hunter2'),
    });
  });
});
