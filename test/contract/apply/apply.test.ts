import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectNats } from '../../../src/adapters/nats.ts';
import { natsServers } from '../../helpers/nats-servers.ts';
import { someTopology, stream } from '../../helpers/topology.ts';
import { type Exit, runProgram } from '../../helpers/typescript-program.ts';
import { startServer, urlFor } from '../nats/server.ts';

const MIB = 1024 ** 2;
const { consumers } = someTopology();
const TOPOLOGY = {
  streams: [{ ...stream('MESSAGES', 'messages.ingest.>'), maxBytes: 8 * MIB }],
  consumers,
};
let directory: string;
let program: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'apply-test-'));
  program = join(directory, 'apply.mjs');
  await build({
    absWorkingDir: resolve(import.meta.dirname, '../../..'),
    entryPoints: ['src/apply/main.ts'],
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    outfile: program,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const start = (env: Record<string, string>) =>
  runProgram(process.execPath, [program], { env: { PATH: process.env.PATH ?? '', ...env } });

/** One JSON line on stdout, nothing on stderr. */
function answer({ stdout, stderr }: Exit): unknown {
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

async function newestServer() {
  const binary = (await natsServers()).at(-1);
  if (binary === undefined) throw new Error('no nats-server at hand');
  return startServer(binary);
}

test('applies once, then finds nothing to do, then names a conflict', async () => {
  await using server = await newestServer();
  const run = (topology: unknown) => start({ NATS_URL: server.url, TOPOLOGY: JSON.stringify(topology) }).exit;
  const first = await run(TOPOLOGY);
  expect(first.code).toBe(0);
  expect(answer(first)).toEqual({
    applied: true,
    changes: ['stream MESSAGES: create', 'consumer MESSAGES/workers: create'],
  });
  const second = await run(TOPOLOGY);
  expect(answer(second)).toEqual({ applied: true, changes: [] });
  const third = await run({ ...TOPOLOGY, streams: [{ ...TOPOLOGY.streams[0], storage: 'memory' }] });
  expect(third.code).toBe(1);
  expect(answer(third)).toMatchObject({ applied: false, error: { code: 'TOPOLOGY_CONFLICT' } });
  await using client = await connectNats(server.access, {
    signal: AbortSignal.timeout(60_000),
    timeoutMs: 20_000,
  });
  expect(await client.getConsumer('MESSAGES', 'workers')).not.toBeNull();
});

test.each([
  [{}, 'USAGE', /NATS_URL is not set/],
  [{ NATS_URL: 'nats://127.0.0.1:1' }, 'CONFIG_INVALID', /TOPOLOGY cannot be used: it is not set/],
  [{ NATS_URL: 'nats://127.0.0.1:1', TOPOLOGY: '{' }, 'CONFIG_INVALID', /JSON/],
  [
    { NATS_URL: 'nats://127.0.0.1:1', TOPOLOGY: '{"streams":[{}],"consumers":[]}' },
    'CONFIG_INVALID',
    /shape/,
  ],
  [{ NATS_URL: 'http://x', TOPOLOGY: JSON.stringify(TOPOLOGY) }, 'USAGE', /NATS URL cannot be read/],
])('with %j it ends with %s', async (env, code, message) => {
  const exit = await start(env as Record<string, string>).exit;
  expect(exit.code).toBe(1);
  expect(answer(exit)).toMatchObject({
    applied: false,
    error: { code, message: expect.stringMatching(message) },
  });
});

test('waits for a server that is not there, and ends when it is told to', async () => {
  const running = start({ NATS_URL: urlFor(1), TOPOLOGY: JSON.stringify(TOPOLOGY) });
  const early = await Promise.race([running.exit, new Promise((done) => setTimeout(done, 700, 'waiting'))]);
  expect(early).toBe('waiting');
  running.child.kill('SIGTERM');
  const exit = await running.exit;
  expect(exit.code).toBe(1);
  expect(answer(exit)).toMatchObject({ error: { code: 'INTERRUPTED' } });
});
