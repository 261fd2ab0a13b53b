import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSilent } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkMember, checkNats } from '../../../src/adapters/nats.ts';
import type { NatsAccess } from '../../../src/topology/deployment.ts';
import { eventually } from '../../helpers/eventually.ts';
import { natsServers, type RunningNats, startNats } from '../../helpers/nats-servers.ts';

/** A real server for JetStream's answer; what it says of its cluster is scripted, for an outsider cannot be made at will. */
const [binary] = (await natsServers()).slice(-1);
let directory: string;
let nats: RunningNats;

beforeEach(async (context) => {
  if (binary === undefined) return context.skip('no nats-server is at hand; the reasons are printed above');
  directory = await mkdtemp(join(tmpdir(), 'devenv-member-'));
  const conf = `listen: "127.0.0.1:-1"\nhttp: "127.0.0.1:-1"\njetstream { store_dir: "${directory}/store" }\n`;
  await writeFile(join(directory, 'nats.conf'), conf);
  nats = await startNats(binary, join(directory, 'nats.conf'), directory);
});
afterEach(async () => {
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

const access = (): NatsAccess => ({
  servers: [`127.0.0.1:${nats.port}`],
  user: '',
  credential: { kind: 'password', password: '' },
});
const bounds = { signal: new AbortController().signal, timeoutMs: 20_000 };

/** `c-2` is the real server; each of the answers is what `c-1`, `c-2`, … say of their cluster. */
async function checked(...answers: (string | undefined)[]) {
  const monitors = answers.map((body) =>
    createServer((_request, response) => response.writeHead(body === undefined ? 503 : 200).end(body)),
  );
  for (const monitor of monitors) await once(monitor.listen(0, '127.0.0.1'), 'listening');
  const urls = monitors.map((monitor, at) => [
    `c-${at + 1}`,
    `http://127.0.0.1:${(monitor.address() as { port: number }).port}`,
  ]);
  try {
    return await checkMember(access(), { server: 'c-2', monitorUrls: Object.fromEntries(urls) }, bounds);
  } finally {
    for (const monitor of monitors) monitor.close();
  }
}

/** As 2.10.27 answers. */
const says = (leader?: string, ...replicas: string[]) =>
  JSON.stringify({
    meta_cluster: {
      name: 'c',
      ...(leader && { leader }),
      ...(replicas.length > 0 && { replicas: replicas.map((name) => ({ name, current: true })) }),
    },
  });

beforeEach(() => eventually(async () => expect((await checkNats(access(), bounds)).ready).toBe(true)));

it.each([
  ['the leader lists it', [says('c-1', 'c-2', 'c-3'), says('c-1'), says('c-1')]],
  ['it leads itself', [says('c-2'), says('c-2', 'c-1', 'c-3'), says('c-2')]],
  ['another one is away', [says('c-1', 'c-2', 'c-3'), says('c-1'), undefined]],
])('is ready when %s', async (_name, answers) => {
  expect(await checked(...answers)).toMatchObject({ ready: true });
});

it.each([
  ['and knows who leads', [says('c-1', 'c-3'), says('c-1'), says('c-1')]],
  ['and followers list it', [says('c-1', 'c-3'), says('c-1', 'c-2'), says('c-1', 'c-2')]],
])('is outside when the leader does not list it, %s', async (_name, answers) => {
  expect(await checked(...answers)).toMatchObject({ ready: false, outside: true });
});

it.each([
  ['nobody leads', [says(), says(), says()]],
  ['the leader is away', [undefined, says('c-1'), says('c-1')]],
  ['monitoring answers no JSON', ['hello', '[]', 'null']],
])('is neither ready nor outside when %s', async (_name, answers) => {
  const check = await checked(...answers);
  expect(check.ready).toBe(false);
  expect(check).not.toHaveProperty('outside');
});

it.each([
  ['another one leads', says('c-1', 'c-2'), true],
  ['nobody leads', says(), undefined],
])(
  'one that hangs is outside when it takes connections, answers nothing, and %s',
  async (_name, body, outside) => {
    const silent = createSilent(() => {});
    const leader = createServer((_request, response) => response.end(body));
    for (const server of [silent, leader]) await once(server.listen(0, '127.0.0.1'), 'listening');
    const portOf = (server: typeof silent) => (server.address() as { port: number }).port;
    try {
      const hung = { ...access(), servers: [`127.0.0.1:${portOf(silent)}`] };
      const monitorUrls = {
        'c-1': `http://127.0.0.1:${portOf(leader)}`,
        'c-2': `http://127.0.0.1:${portOf(silent)}`,
      };
      const check = await checkMember(hung, { server: 'c-2', monitorUrls }, { ...bounds, timeoutMs: 500 });
      expect([check.ready, check.outside]).toEqual([false, outside]);
    } finally {
      silent.close();
      leader.close();
    }
  },
);

it('is not ready when it does not answer', async () => {
  await nats.stop();
  expect(await checked(says('c-1', 'c-2'))).toMatchObject({ ready: false });
});
