import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { LiveFacts } from '../../../../src/doctor/facts.ts';
import { runLive } from '../../../../src/doctor/run.ts';
import type { Runtime } from '../../../../src/runtime/runtime.ts';
import type { Deployment } from '../../../../src/topology/deployment.ts';
import { gatherLiveFacts } from '../../../../src/world/live-facts.ts';
import { someSecrets, someTopology } from '../../../helpers/topology.ts';

const TIMEOUT_MS = 600;
/** What one look may take at most: a few questions one after another, on a machine that is busy with much else. */
const WITHIN_MS = 30_000;

type Behaviour = (socket: Socket) => void;

const open = new Set<Server>();
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all([...open].map((server) => new Promise((done) => server.close(done))));
  sockets.clear();
  open.clear();
});

async function listen(behave: Behaviour): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    behave(socket);
  });
  open.add(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as { port: number }).port;
}

const answer =
  (body: string, head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json'): Behaviour =>
  (socket) =>
    socket.once('data', () =>
      socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`),
    );

const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

const BEHAVIOURS: Record<string, Behaviour> = {
  'accepts and says nothing': () => undefined,
  'hangs up at once': (socket) => socket.destroy(),
  'drips a byte now and then': (socket) => {
    const timer = setInterval(() => socket.write(' '), 50);
    socket.on('close', () => clearInterval(timer));
  },
  'drips a body that never ends': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const timer = setInterval(() => socket.write('1\r\n{\r\n'), 50);
    socket.on('close', () => clearInterval(timer));
  },
  'sends 100 MB': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${100 * 1024 ** 2}\r\n\r\n`);
    const block = Buffer.alloc(1 << 16, 'x');
    const more = () => {
      while (socket.writable && socket.write(block));
    };
    socket.on('drain', more);
    more();
  },
  'breaks off in the middle': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"version": "2.10');
    socket.resetAndDestroy();
  },
  'is a web server': answer(
    '<!doctype html><h1>It works!</h1>',
    'HTTP/1.1 200 OK\r\nContent-Type: text/html',
  ),
  'is a database': (socket) => socket.end(Buffer.from([0x45, 0, 0, 0, 9, 0x53, 0, 0x1b, 0xff, 0x0a])),
  'answers 500': answer('{}', 'HTTP/1.1 500 Internal Server Error'),
  'answers an empty object': answer('{}'),
  'answers null': answer('null'),
  'answers numbers for texts': answer('{"version":5,"connections":{"a":1},"memory":"many","accounts":7}'),
  'answers deep nesting': answer(DEEP),
  'greets without an end': (socket) => {
    socket.write(`INFO {"version":"${'9'.repeat(100_000)}`);
  },
  'greets with garbage': (socket) => {
    socket.write('INFO [1,2\r\n');
  },
  'greets and then says nothing': (socket) => {
    socket.write(
      'INFO {"version":"2.99.0","connect_urls":["[::1","",7,"a:99999999","127.0.0.1:1"],"max_payload":1}\r\n',
    );
  },
};

const quiet: Partial<Runtime> = {
  kind: 'process',
  observe: async () => [],
  async *logs() {},
};

async function look(
  port: number,
  runtime: Partial<Runtime> = quiet,
  { signal = new AbortController().signal, timeoutMs = TIMEOUT_MS } = {},
) {
  const topology = someTopology();
  const deployment: Deployment = {
    environment: {
      name: 'h',
      projectDir: '/nowhere',
      stateDir: '/nowhere/.devenv/h',
      id: 'devenv-hostile-test',
    },
    runtime: 'process',
    topology,
    ports: { nats: port, 'nats-monitor': port, postgres: port, api: port, worker: port },
    secrets: someSecrets(topology),
  };
  const started = performance.now();
  const facts = await gatherLiveFacts(deployment, runtime as Runtime, { signal, timeoutMs });
  return { facts, ms: performance.now() - started };
}

/** Every reason in the facts, wherever it stands. */
function reasonsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'ok' in value && value.ok === false && 'reason' in value ? [String(value.reason)] : [];
  return [...own, ...Object.values(value).flatMap(reasonsIn)];
}

function expectSoundness(facts: LiveFacts): void {
  for (const reason of reasonsIn({ ...facts, deployment: null })) {
    expect(reason).toMatch(/^[^\n\r]{1,300}$/);
    expect(reason).not.toMatch(/\bat .*:\d+:\d+|undefined|\[object/);
  }
  for (const { cause } of runLive(facts)) expect(cause).not.toContain('bug in devenv');
}

describe('a look at a peer that', () => {
  it.each(Object.entries(BEHAVIOURS))('%s is bounded and tells why there is no answer', async (_, behave) => {
    const { facts, ms } = await look(await listen(behave));
    expect(ms).toBeLessThan(WITHIN_MS);
    expectSoundness(facts);
    const [server] = facts.servers;
    expect([server?.varz.ok, server?.jsz.ok, server?.connections.ok, server?.accounts.ok]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(facts.accounts.every(({ streams, consumers }) => !streams.ok && !consumers.ok)).toBe(true);
    expect(facts.users.every(({ login }) => !login.ok)).toBe(true);
  });

  it('listens nowhere is told as such', async () => {
    const port = await listen(() => undefined);
    for (const server of open) await new Promise((done) => server.close(done));
    open.clear();
    const { facts } = await look(port);
    expect(facts.servers[0]?.varz).toEqual({
      ok: false,
      reason: `/varz: nothing listens on 127.0.0.1:${port}`,
    });
    expectSoundness(facts);
  });

  it('knows other fields than we do is read all the same', async () => {
    const body = JSON.stringify({
      version: '3.1.0',
      slow_consumers: 'none',
      memory: 1,
      storage: 2,
      meta_cluster: { leader: 7, replicas: 'n2' },
      connections: [{ cid: 3, name: 5, unheard_of: [] }],
      accounts: ['A'],
    });
    const { facts } = await look(await listen(answer(body)));
    const [server] = facts.servers;
    expect(server?.varz).toMatchObject({
      ok: true,
      value: { version: '3.1.0', slowConsumers: 0, serverName: '' },
    });
    expect(server?.jsz).toMatchObject({
      ok: true,
      value: { storage: 2, maxStorage: 0, cluster: { leader: null, size: 0, peersOnline: null } },
    });
    // One answer stands for all endpoints here; as /varz does, it has a number for the connections of a real server.
    expect(server?.connections).toMatchObject({ ok: true, value: [{ cid: 3, name: '', open: true }] });
    expectSoundness(facts);
  });
});

describe('a look with a runtime that', () => {
  it.each<[string, Partial<Runtime>]>([
    ['never answers', { observe: () => new Promise(() => undefined), logs: () => silence() }],
    [
      'throws',
      {
        observe: async () => {
          throw new Error('the engine\nis away');
        },
        // biome-ignore lint/correctness/useYield: it is to fail.
        async *logs() {
          throw new Error('no logs');
        },
      },
    ],
    ['never stops telling', { observe: async () => [], logs: () => flood() }],
  ])('%s is bounded', async (_, parts) => {
    const { facts, ms } = await look(await listen((socket) => socket.destroy()), { ...quiet, ...parts });
    expect(ms).toBeLessThan(WITHIN_MS);
    expectSoundness(facts);
    expect(facts.services.map(({ state }) => state)).toEqual(['absent', 'absent', 'absent', 'absent']);
  });

  it('is left alone when the caller aborts', async () => {
    const abort = new AbortController();
    const timeoutMs = 10 * WITHIN_MS;
    const looking = look(await listen(() => undefined), quiet, { signal: abort.signal, timeoutMs });
    setTimeout(() => abort.abort(new Error('enough')), 50);
    const started = performance.now();
    await expect(looking).rejects.toThrow('enough');
    expect(performance.now() - started).toBeLessThan(WITHIN_MS);
  });
});

async function* silence(): AsyncGenerator<never> {
  await new Promise(() => undefined);
}

async function* flood() {
  for (;;) {
    yield { service: 'api', at: new Date().toISOString(), text: 'x'.repeat(10_000) };
    await new Promise((done) => setImmediate(done));
  }
}
