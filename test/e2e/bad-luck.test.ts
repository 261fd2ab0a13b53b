import { randomInt } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { DownResult, StatusReport, UpResult } from '../../src/engine/engine.ts';
import { STATE_VERSION } from '../../src/engine/state.ts';
import { leakCheck } from '../helpers/leaks.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { onEachRuntime } from './runtimes.ts';

leakCheck();

/** A project whose extra service is `script`, run by node. */
const withService = (script: string, lines: string[] = []) => ({
  'devenv.yaml': [
    'services:',
    '  shop:',
    '    command: [node, shop.js]',
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n'),
  'shop.js': script,
});

const listen = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

const devenvFolders = async (dir: string) => (await readdir(dir)).filter((name) => name === '.devenv');

onEachRuntime('bad luck', ({ env }) => {
  it('a taken port is named with its holder, not killed, and moved away from; --strict-ports stops with 3', async () => {
    await using sandbox = await Sandbox.create({}, env);
    const holder = await listen(0);
    const { port } = holder.address() as { port: number };
    try {
      await sandbox.write('devenv.yaml', `ports:\n  nats: ${port}\n`);
      const strict = await sandbox.run(['up', '--strict-ports', '--no-probe']);
      expect(strict.status).toBe(3);
      expect(strict.stderr).toContain(String(port));
      expect(strict.stderr).toContain(`pid ${process.pid}`);

      const moved = await sandbox.run(['up', '--no-probe']);
      expect(moved.status).toBe(0);
      expect(moved.stderr).toContain(`port ${port} for nats is taken by pid ${process.pid}`);
      expect(holder.listening).toBe(true);
    } finally {
      await close(holder);
    }
  });

  it('a service that exits at once: exit 5 with its last lines, nothing left running', async () => {
    const script = 'for (let n = 1; n <= 30; n += 1) console.log("line", n); process.exit(7);';
    await using sandbox = await Sandbox.create(withService(script), env);
    const { status, stderr } = await sandbox.run(['up']);
    expect(stderr).toContain('shop exited with status 7');
    expect(stderr).toContain('line 30');
    expect(stderr).toContain('line 11');
    expect(stderr).not.toMatch(/line 10\b/);
    expect(status).toBe(5);
    expect(await devenvFolders(sandbox.dir)).toEqual([]);
  });

  it('a service that never becomes ready: exit 4 with what was last seen', async () => {
    const script = `require('node:http').createServer((_, answer) => { answer.statusCode = 503; answer.end('warming up'); })
      .listen(process.env.PORT, process.env.HOST);`;
    const lines = ['port: 8099', 'health: /ready'];
    await using sandbox = await Sandbox.create(withService(script, lines), env);
    const { status, stderr } = await sandbox.run(['up', '--timeout', '8s']);
    expect(stderr).toMatch(/shop was not ready after \d+\.\d s; last seen: .*503/);
    expect(status).toBe(4);
  });

  it('Ctrl-C at any moment of up: exit 130, nothing left', async () => {
    for (let round = 0; round < 6; round += 1) {
      await using sandbox = await Sandbox.create({}, env);
      const run = sandbox.start(['up']);
      await delay(randomInt(20, 2_000));
      run.kill('SIGINT');
      const { exitCode, signal } = await run;
      // It may have been done already, or not even begun: Node itself answers until its first handler is there.
      if (exitCode === 0) continue;
      expect(signal ?? exitCode).toSatisfy((end) => end === 130 || end === 'SIGINT');
      expect(await devenvFolders(sandbox.dir)).toEqual([]);
    }
  });

  it('kill -9 of devenv at any moment of up, then up again', async () => {
    await using sandbox = await Sandbox.create({}, env);
    for (let round = 0; round < 3; round += 1) {
      const run = sandbox.start(['up']);
      await delay(randomInt(50, 1_500));
      run.kill('SIGKILL');
      await run;
    }
    const { services } = await sandbox.json<UpResult>(['up']);
    expect(services.every(({ health }) => health.status === 'ready')).toBe(true);
  });

  it('two ups of one environment at once: one works, the other waits and finds it done', async () => {
    await using sandbox = await Sandbox.create({}, env);
    const both = await Promise.all([sandbox.run(['up', '--no-probe']), sandbox.run(['up', '--no-probe'])]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect((await sandbox.json<UpResult>(['up', '--no-probe'])).steps).toEqual([]);
  });

  it('two environments of one project run side by side', async () => {
    await using sandbox = await Sandbox.create({}, env);
    try {
      await sandbox.json<UpResult>(['up', '--no-probe']);
      const second = await sandbox.json<UpResult>(['up', '--name', 'second', '--no-probe']);
      expect(second.services.every(({ health }) => health.status === 'ready')).toBe(true);
      expect((await sandbox.json<StatusReport>(['status'])).running).toBe(true);
    } finally {
      await sandbox.run(['down', '--volumes', '--name', 'second']);
    }
  });

  it('down when nothing runs succeeds and says so', async () => {
    await using sandbox = await Sandbox.create({}, env);
    const { status, stdout, stderr } = await sandbox.run(['down']);
    expect(status).toBe(0);
    expect(stdout + stderr).toMatch(/nothing/i);
  });

  it('a state file from a future version is refused and left as it is', async () => {
    await using sandbox = await Sandbox.create({}, env);
    await sandbox.json<UpResult>(['up', '--no-probe']);
    const file = join(
      sandbox.dir,
      '.devenv',
      (await readdir(join(sandbox.dir, '.devenv'))).find((name) => !name.startsWith('.'))!,
      'state.json',
    );
    const original = await readFile(file, 'utf8');
    const future = original.replace(`"version": ${STATE_VERSION}`, `"version": ${STATE_VERSION + 1}`);
    expect(future).not.toBe(original);
    await writeFile(file, future);
    const { status, stderr } = await sandbox.run(['up']);
    expect(status).toBe(3);
    expect(stderr).toContain(`version ${STATE_VERSION + 1}`);
    expect(await readFile(file, 'utf8')).toBe(future);
    await writeFile(file, original);
  });
});

describe('bad luck on the process runtime', () => {
  const env = { DEVENV_RUNTIME: 'process' };
  const pidOf = async (sandbox: Sandbox, service: string) =>
    (await sandbox.json<StatusReport>(['status'])).services.find((row) => row.service === service)!.pid!;

  it.each(['nats', 'postgres', 'worker'])(
    'kill -9 of %s, then up: everything is ready again',
    async (service) => {
      await using sandbox = await Sandbox.create({}, env);
      await sandbox.json<UpResult>(['up', '--no-probe']);
      process.kill(await pidOf(sandbox, service), 'SIGKILL');
      const { services } = await sandbox.json<UpResult>(['up']);
      expect(services.every(({ health }) => health.status === 'ready')).toBe(true);
    },
  );

  it('kill -9 of the supervisor, then up: everything is ready, and no second set of processes', async () => {
    await using sandbox = await Sandbox.create({}, env);
    await sandbox.json<UpResult>(['up', '--no-probe']);
    const worker = await pidOf(sandbox, 'worker');
    const status = await readFile(`/proc/${worker}/status`, 'utf8');
    process.kill(Number(/^PPid:\s+(\d+)/m.exec(status)![1]), 'SIGKILL');
    const { services } = await sandbox.json<UpResult>(['up']);
    expect(services.every(({ health }) => health.status === 'ready')).toBe(true);
  });

  it('kill -9 of devenv at any moment of a probe, then a probe: nothing of the killed ones is left', async () => {
    await using sandbox = await Sandbox.create({}, env);
    await sandbox.json<UpResult>(['up', '--no-probe']);
    const { DATABASE_URL } = await sandbox.json<Record<string, string>>(['env', '--format', 'json']);
    const before = (await sandbox.json<StatusReport>(['status'])).jetstream!.streams;
    for (const name of ['restart', 'restart', 'flow']) {
      const probe = sandbox.start(['probe', name]);
      // Most of them fall into the time in which it sends; that no message was sent yet is a moment, too.
      await delay(randomInt(500, 1_500));
      probe.kill('SIGKILL');
      await probe;
    }
    await sandbox.json(['probe', 'flow']);
    const after = (await sandbox.json<StatusReport>(['status'])).jetstream!.streams;
    expect(after.map(({ messages }) => messages)).toEqual(before.map(({ messages }) => messages));
    const database = new pg.Client({ connectionString: DATABASE_URL! });
    await database.connect();
    try {
      for (const table of ['orders', 'order_line_items', 'message_status'])
        expect((await database.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
    } finally {
      await database.end();
    }
    expect(await readdir(join(sandbox.dir, '.devenv', sandbox.name.toLowerCase(), 'probes'))).toEqual([]);
  });

  it('a declaration that broke or is gone: status, logs and down go by what the last up had', async () => {
    const declared = 'project: shopping\nservices:\n  shop: { command: [node, shop.js] }\n';
    await using sandbox = await Sandbox.create(
      { 'devenv.yaml': declared, 'shop.js': 'console.log("open"); setInterval(() => {}, 1_000);' },
      env,
    );
    const file = join(sandbox.dir, 'devenv.yaml');
    const ways: [string, RegExp, () => Promise<void>][] = [
      ['a syntax error', /devenv\.yaml:\d+:\d+: /, () => writeFile(file, 'services: {')],
      ['unknown keys', /foo: unknown key.*\(and 1 more\)/s, () => writeFile(file, 'foo: 1\nbar: 2\n')],
      ['no file', /devenv\.yaml is gone/, () => rm(file)],
    ];
    for (const [way, told, breakIt] of ways) {
      await sandbox.write('devenv.yaml', declared);
      await sandbox.json<UpResult>(['up', '--no-probe']);
      await breakIt();
      const status = await sandbox.run(['status', '--json']);
      expect(status.stderr, way).toMatch(told);
      const { name, services } = JSON.parse(status.stdout) as StatusReport;
      expect([name, ...services.map(({ service, state }) => `${service} ${state}`)]).toEqual([
        'shopping',
        'nats running',
        'postgres running',
        'shop running',
      ]);
      expect((await sandbox.run(['logs', 'shop'])).stdout).toContain('open');
      const other = await sandbox.run(['down', '--name', 'other']);
      expect(`${other.stdout} ${other.stderr}`).not.toContain('shopping is down');
      const { status: exit, stdout, stderr } = await sandbox.run(['down', '--volumes']);
      expect([exit, stderr]).toEqual([0, expect.stringMatching(told)]);
      expect(stdout).toContain('shopping is down');
      expect(await devenvFolders(sandbox.dir)).toEqual([]);
    }
    // Nothing to go by: what is wrong is told as ever.
    await sandbox.write('devenv.yaml', 'foo: 1\n');
    expect((await sandbox.run(['down'])).status).toBe(2);
  });

  it('ten ups at once never collide', async () => {
    const sandboxes = await Promise.all(Array.from({ length: 10 }, () => Sandbox.create({}, env)));
    try {
      const runs = await Promise.all(
        sandboxes.map((sandbox) => sandbox.run(['up', '--no-probe', '--timeout', '250s'])),
      );
      expect(runs.map(({ status, stderr }) => (status === 0 ? 0 : stderr))).toEqual(Array(10).fill(0));
      const reports = await Promise.all(sandboxes.map((sandbox) => sandbox.json<StatusReport>(['status'])));
      const ports = reports.flatMap(({ services }) => services.flatMap((row) => Object.values(row.ports)));
      expect(new Set(ports).size).toBe(50);
    } finally {
      await Promise.all(sandboxes.map((sandbox) => sandbox[Symbol.asyncDispose]()));
    }
  });

  it('without Docker, auto takes the process runtime and says so in one line', async () => {
    await using sandbox = await Sandbox.create({}, { DOCKER_HOST: 'unix:///nonexistent/docker.sock' });
    const { status, stderr } = await sandbox.run(['up', '--no-probe']);
    expect(status).toBe(0);
    expect(
      stderr.split('\n').filter((line) => line.includes('runtime process: docker cannot be used')),
    ).toHaveLength(1);
    const docker = await sandbox.run(['up', '--runtime', 'docker', '--name', 'other']);
    expect(docker.status).toBe(3);
  });
});

describe('bad declarations are refused before anything starts', () => {
  const cases: [name: string, yaml: string, expected: RegExp][] = [
    [
      'unknown key',
      'nats:\n  max_file_stor: 1GiB\n',
      /devenv\.yaml:2:3: .*max_file_stor.*did you mean "max_file_store"/,
    ],
    ['size without unit', 'nats:\n  max_file_store: 1073741824\n', /devenv\.yaml:2:19: .*max_file_store/],
    ['not an object', '- a\n- b\n', /devenv\.yaml/],
    ['broken YAML', 'nats: [\n', /devenv\.yaml:\d+:\d+/],
  ];

  it.each(cases)('%s', async (_name, yaml, expected) => {
    await using sandbox = await Sandbox.create({ 'devenv.yaml': yaml });
    const { status, stderr, stdout } = await sandbox.run(['up']);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(await devenvFolders(sandbox.dir)).toEqual([]);
  });

  const refused: [string, string, RegExp][] = [
    [
      'sum of max_bytes above max_file_store',
      'nats:\n  max_file_store: 100MiB\n',
      /\(R01\)[\s\S]*MESSAGESDLQ[\s\S]*max_file_store/,
    ],
    [
      'overlapping streams',
      'streams:\n  - { name: A, subjects: [messages.>], max_bytes: 1MiB }\n  - { name: B, subjects: [messages.dlq.>], max_bytes: 1MiB }\nconsumers: []\nservices: {}\n',
      /devenv\.yaml:3:\d+: .*messages\.dlq\.>.*messages\.>.*devenv\.yaml:2:\d+.*\(S01\)/,
    ],
  ];

  it.each(refused)('%s: the doctor stops it', async (_name, yaml, expected) => {
    await using sandbox = await Sandbox.create({ 'devenv.yaml': yaml });
    const { status, stderr, stdout } = await sandbox.run(['up']);
    expect(stderr).toMatch(expected);
    expect({ status, stdout }).toEqual({ status: 7, stdout: '' });
    expect(await devenvFolders(sandbox.dir)).toEqual([]);
  });
});

describe('the result of down', () => {
  it('names what was removed', async () => {
    await using sandbox = await Sandbox.create({}, { DEVENV_RUNTIME: 'process' });
    await sandbox.json<UpResult>(['up', '--no-probe']);
    const { removed } = await sandbox.json<DownResult>(['down', '--volumes']);
    expect(removed.join('\n')).toMatch(/nats/);
  });
});
