import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { DevenvEvent } from '../../../src/events.ts';
import { cacheDir, type Machine, thisMachine } from '../../../src/runtime/process/machine.ts';
import { acquireNatsServer } from '../../../src/runtime/process/nats-server/acquire.ts';
import { fromDebian } from '../../../src/runtime/process/nats-server/debian.ts';
import { lookupNatsServer, type NatsServer } from '../../../src/runtime/process/nats-server/lookup.ts';
import { releasePlatform } from '../../../src/runtime/process/nats-server/release.ts';
import { fromUpstream } from '../../../src/runtime/process/nats-server/upstream.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;
const upstreamOnly = [{ name: 'upstream release', get: fromUpstream }];

let dir: string;
let real: NatsServer;
let archive: Buffer;
let archiveName: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'devenv-nats-server-'));
  const machine = thisMachine();
  const cache = cacheDir(machine);
  const setting = process.env.DEVENV_NATS_SERVER;
  const { found, passed } = await lookupNatsServer({
    setting,
    wanted: '2.15.1',
    env: process.env,
    cache,
    signal,
  });
  const context = { stepId: 's', emit: () => undefined, signal };
  real = found ?? (await acquireNatsServer({ version: '2.15.1', passed, cache, machine }, context));
  // A release as upstream packs it.
  const folder = `nats-server-v${real.version}-${releasePlatform(process.platform, process.arch)}`;
  archiveName = `${folder}.tar.gz`;
  await mkdir(join(dir, folder));
  await copyFile(real.program, join(dir, folder, 'nats-server'));
  await run('tar', ['-C', dir, '-czf', join(dir, archiveName), folder]);
  archive = await readFile(join(dir, archiveName));
}, 300_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const freshCache = () => mkdtemp(join(dir, 'cache-'));
const filesIn = async (cache: string) => (await readdir(cache, { recursive: true })).sort();

/** A mirror of the releases on loopback. */
async function mirror(
  answer: (file: string, response: ServerResponse) => void,
): Promise<{ machine: Machine; asked: string[]; server: Server }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const [, version, file = ''] = /^\/download\/v([\d.]+)\/(.+)$/.exec(request.url ?? '') ?? [];
    asked.push(`${version} ${file}`);
    answer(file, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    machine: { ...thisMachine(), env: { ...process.env, DEVENV_NATS_RELEASES: base } },
    asked,
    server,
  };
}

const sums = () => `${'0'.repeat(64)}  other.zip\n${sha256(archive)}  ${archiveName}\n`;
const honest = (file: string, response: ServerResponse) => {
  if (file === 'SHA256SUMS') response.end(sums());
  else response.setHeader('content-length', archive.length).end(archive);
};

function acquire(machine: Machine, cache: string, own: { signal?: AbortSignal } = {}) {
  const events: DevenvEvent[] = [];
  const context = {
    stepId: 'prepare',
    emit: (event: DevenvEvent) => void events.push(event),
    signal,
    ...own,
  };
  const acquired = acquireNatsServer(
    { version: real.version, passed: ['PATH: none'], cache, machine },
    context,
    upstreamOnly,
  );
  return { acquired, events };
}

test('takes the upstream release, tells its progress in bytes, and finds it in the cache from then on', async () => {
  const { machine, asked } = await mirror(honest);
  const cache = await freshCache();
  const { acquired, events } = acquire(machine, cache);
  const server = await acquired;
  expect(server).toEqual({
    program: join(cache, 'nats-server', real.version, 'nats-server'),
    version: real.version,
  });
  expect(asked).toEqual([`${real.version} SHA256SUMS`, `${real.version} ${archiveName}`]);
  expect(events.at(-1)).toEqual({
    type: 'step-progress',
    id: 'prepare',
    text: `upstream release: downloaded ${archiveName}`,
    done: archive.length,
    total: archive.length,
    unit: 'bytes',
  });
  expect(await filesIn(cache)).toEqual([
    'nats-server',
    `nats-server/${real.version}`,
    `nats-server/${real.version}/nats-server`,
  ]);
  const found = await lookupNatsServer({
    setting: undefined,
    wanted: '9.9.9',
    env: { PATH: '' },
    cache,
    signal,
  });
  expect(found).toEqual({ found: server, passed: ['PATH: no nats-server in it'] });
});

test('two at once both get it', async () => {
  const { machine } = await mirror(honest);
  const cache = await freshCache();
  const servers = await Promise.all([1, 2, 3].map(() => acquire(machine, cache).acquired));
  expect(new Set(servers.map(({ program }) => program)).size).toBe(1);
  const { stdout } = await run(servers[0]!.program, ['--version']);
  expect(stdout).toContain(real.version);
});

test.each([
  [
    'a wrong checksum',
    (file: string, response: ServerResponse) =>
      file === 'SHA256SUMS' ? response.end(sums()) : response.end(Buffer.concat([archive, Buffer.from('x')])),
    /the checksum of .* is [0-9a-f]{64}, and SHA256SUMS says [0-9a-f]{64}: refused/,
  ],
  [
    'no such version',
    (_: string, response: ServerResponse) => response.writeHead(404).end(),
    /answers 404 for http/,
  ],
  [
    'no archive for this platform',
    (_: string, response: ServerResponse) => response.end(`${'0'.repeat(64)}  other.zip\n`),
    /lists no archive for/,
  ],
  [
    'a connection that breaks in the middle',
    (file: string, response: ServerResponse) => {
      if (file === 'SHA256SUMS') return response.end(sums());
      response.setHeader('content-length', archive.length);
      return response.write(archive.subarray(0, 100_000), () => response.destroy());
    },
    /upstream release: /,
  ],
])('%s: says so and leaves nothing', async (_, answer, reason) => {
  const { machine } = await mirror(answer);
  const cache = await freshCache();
  const error = await acquire(machine, cache).acquired.catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: 'NATS_SERVER_ABSENT',
    details: ['PATH: none', expect.stringMatching(reason)],
  });
  expect(await filesIn(cache)).toEqual(['nats-server']);
});

test('without a network it fails at once', async () => {
  const machine = { ...thisMachine(), env: { ...process.env, DEVENV_NATS_RELEASES: 'http://127.0.0.1:1' } };
  const from = performance.now();
  const error = await acquire(machine, await freshCache()).acquired.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ details: ['PATH: none', expect.stringMatching(/127\.0\.0\.1:1/)] });
  expect(performance.now() - from).toBeLessThan(3_000);
});

test('a mirror that accepts and says nothing is given three seconds', async () => {
  const { machine } = await mirror(() => undefined);
  const from = performance.now();
  const error = await acquire(machine, await freshCache()).acquired.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ details: ['PATH: none', expect.stringContaining('no answer within 3 s')] });
  expect(performance.now() - from).toBeLessThan(30_000);
});

test('an abort in the middle of a download ends it and leaves nothing', async () => {
  const stop = new AbortController();
  const { machine } = await mirror((file, response) => {
    if (file === 'SHA256SUMS') return void response.end(sums());
    response.setHeader('content-length', archive.length);
    response.write(archive.subarray(0, 200_000), () => stop.abort(new Error('Ctrl-C')));
  });
  const cache = await freshCache();
  await expect(acquire(machine, cache, { signal: stop.signal }).acquired).rejects.toThrow('Ctrl-C');
  expect(await filesIn(cache)).toEqual(['nats-server']);
});

test('what a killed download left is cleared by the next one', async () => {
  const { machine } = await mirror(honest);
  const cache = await freshCache();
  // No process has this pid: Linux stops at 2^22, macOS long before.
  await mkdir(join(cache, 'nats-server', '.getting-99999999-abcdef'), { recursive: true });
  await acquire(machine, cache).acquired;
  expect(await readdir(join(cache, 'nats-server'))).toEqual([real.version]);
});

/** A program that says it is a nats-server of some version. */
async function impostor(folder: string, version: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const program = join(folder, 'nats-server');
  await writeFile(program, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  await chmod(program, 0o755);
  return program;
}

test('a too old one on the PATH is passed over with the reason, one in the setting is an error', async () => {
  const cache = await freshCache();
  const old = await impostor(join(dir, 'old'), '2.9.25');
  const newer = await impostor(join(dir, 'newer'), '2.10.0');
  const env = { PATH: `relative:${join(dir, 'old')}:${join(dir, 'newer')}` };
  const options = { wanted: '2.15.1', env, cache, signal };
  expect(await lookupNatsServer({ ...options, setting: undefined })).toEqual({
    found: { program: newer, version: '2.10.0' },
    passed: [`PATH: ${old} is 2.9.25, older than 2.10`],
  });
  await expect(lookupNatsServer({ ...options, setting: old })).rejects.toMatchObject({
    code: 'NATS_SERVER_TOO_OLD',
    message: expect.stringContaining('2.9.25'),
  });
  for (const setting of [join(dir, 'none'), dir, '/bin/true'])
    await expect(lookupNatsServer({ ...options, setting })).rejects.toMatchObject({
      code: 'NATS_SERVER_ABSENT',
    });
});

test('the version is asked once per file, and again when the file changed', async () => {
  const cache = await freshCache();
  const program = await impostor(join(dir, 'counted'), '2.11.0');
  await writeFile(program, `#!/bin/sh\necho asked >> ${join(dir, 'asked')}\necho "nats-server: v2.11.0"\n`);
  const options = { setting: program, wanted: '2.15.1', env: {}, cache, signal };
  await lookupNatsServer(options);
  await lookupNatsServer(options);
  expect(await readFile(join(dir, 'asked'), 'utf8')).toBe('asked\n');
  await writeFile(program, `#!/bin/sh\necho "nats-server: v2.12.0 changed"\n`);
  expect((await lookupNatsServer(options)).found?.version).toBe('2.12.0');
});

const hasDebian = await run('apt-get', ['indextargets', '--format', '$(SITE)']).then(
  ({ stdout }) => /\/debian\/?$/m.test(stdout),
  () => false,
);

test('takes the Debian package without root and without touching the apt of the machine', async (context) => {
  if (!hasDebian) return context.skip('apt has no Debian archive among its sources');
  const workDir = await mkdtemp(join(dir, 'debian-'));
  const told: string[] = [];
  const sourcesBefore = await readdir('/etc/apt/sources.list.d').catch(() => []);
  const program = await fromDebian({
    machine: thisMachine(),
    version: '2.15.1',
    workDir,
    progress: (text) => void told.push(text),
    signal,
  });
  const { stdout } = await run(program, ['--version']);
  expect(stdout).toMatch(/nats-server: v2\.\d+\.\d+/);
  expect(told).toContain('downloading nats-server of Debian unstable');
  expect(await readdir('/etc/apt/sources.list.d').catch(() => [])).toEqual(sourcesBefore);
});
