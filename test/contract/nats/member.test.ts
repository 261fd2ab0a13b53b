import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkMember } from '../../../src/adapters/nats.ts';
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
const bounds = { signal: new AbortController().signal, timeoutMs: 2_000 };

async function checked(status: number, body: string) {
  const monitor = createServer((_request, response) => response.writeHead(status).end(body));
  await once(monitor.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = monitor.address() as { port: number };
    return await checkMember(access(), `http://127.0.0.1:${port}`, bounds);
  } finally {
    monitor.close();
  }
}
/** The server's own answer, as if it were in a cluster. */
async function jsz(meta: object): Promise<string> {
  const own = await eventually(async () => {
    const answer = (await (await fetch(`${nats.monitorUrl}/jsz`)).json()) as object;
    // Monitoring is there before JetStream is.
    expect(answer).toHaveProperty('memory');
    return answer;
  });
  return JSON.stringify({ ...own, meta_cluster: { name: 'c', cluster_size: 3, ...meta } });
}

it('is ready when it knows who leads', async () => {
  expect(await checked(200, await jsz({ leader: 'c-1' }))).toMatchObject({ ready: true });
});

it('is outside when JetStream answers and it knows no leader', async () => {
  expect(await checked(200, await jsz({}))).toMatchObject({ ready: false, outside: true });
});

it.each([
  ['an error', 503, ''],
  ['no JSON', 200, 'hello'],
  ['a list', 200, '[]'],
])('is not ready, and not outside, when monitoring answers %s', async (_name, status, body) => {
  const check = await checked(status, body);
  expect(check.ready).toBe(false);
  expect(check).not.toHaveProperty('outside');
});

it('is not ready when it does not answer', async () => {
  await nats.stop();
  expect(await checkMember(access(), 'http://127.0.0.1:1', bounds)).toMatchObject({ ready: false });
});
