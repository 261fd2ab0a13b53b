import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openLogFile } from '../../../src/runtime/process/supervisor/log-file.ts';
import { superviseService } from '../../../src/runtime/process/supervisor/service.ts';
import type { LaunchDefinition, SupervisorExit } from '../../../src/runtime/process/wire.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { eventually } from './support/process-world.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'devenv-supervised-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function supervised(name: string, script: string, more: Partial<LaunchDefinition> = {}) {
  const exits: SupervisorExit[] = [];
  const pids: (number | undefined)[] = [];
  const service = superviseService(
    {
      service: name,
      program: process.execPath,
      args: ['-e', script],
      env: {},
      cwd: dir,
      stopSignal: 'SIGTERM',
      graceMs: 300,
      tier: 'user',
      logFile: join(dir, `${name}.log`),
      hash: 'h',
      ports: {},
      ...more,
    },
    { onPid: (_, pid) => void pids.push(pid), onExit: (exit) => void exits.push(exit) },
  );
  onTestFinished(async () => {
    await service.stop();
    service.close();
  });
  return { service, exits, pids };
}

test('a start is over when the listening line came, in however many pieces', async () => {
  const { service } = supervised(
    'listens',
    `process.stdout.write('now lis'); setTimeout(() => process.stdout.write('tening\\n'), 50); setInterval(() => {}, 1000)`,
    { listening: 'listening' },
  );
  const result = await service.start();
  expect(result).toEqual({ service: 'listens', pid: service.pid(), outcome: { kind: 'started' } });
  expect(await readFile(join(dir, 'listens.log'), 'utf8')).toMatch(/^\S+Z now listening\n$/);
});

test('a port that was taken between the look and the bind is read off the last words', async () => {
  const [nats, monitor] = (await freePorts(2)) as [number, number];
  const { service } = supervised(
    'loses',
    `console.error('[FTL] listen tcp 127.0.0.1:${monitor}: bind: address already in use'); process.exit(1)`,
    { listening: 'Server is ready', ports: { nats, 'nats-monitor': monitor } },
  );
  expect((await service.start()).outcome).toEqual({
    kind: 'exited',
    code: 1,
    signal: null,
    portTaken: 'nats-monitor',
  });
});

test('what ignores its stop signal is ended after the grace, and the log says so', async () => {
  const { service, exits, pids } = supervised(
    'stubborn',
    `process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('ready')`,
    { listening: 'ready' },
  );
  await service.start();
  const from = performance.now();
  await service.stop();
  expect(performance.now() - from).toBeGreaterThanOrEqual(299);
  expect(service.observed()).toBeNull();
  expect(exits).toEqual([]);
  expect(pids).toEqual([expect.any(Number), undefined]);
  expect(await readFile(join(dir, 'stubborn.log'), 'utf8')).toMatch(
    /still there 300 ms after SIGTERM; ended by SIGKILL/,
  );
});

test('a stop during backoff is the end of it', async () => {
  const { service, exits } = supervised('fails', 'process.exit(7)');
  await service.start();
  await eventually(() => exits.length > 0);
  await service.stop();
  const { length } = exits;
  // Longer than the first delays: nothing may come back.
  await expect(eventually(() => exits.length > length, { timeoutMs: 600 })).rejects.toThrow(/did not happen/);
  expect(service.observed()).toBeNull();
});

const linesOf = async (path: string) => (await readFile(path, 'utf8')).split('\n').slice(0, -1);

test('a log keeps two files of limited size, and no line is lost between them', async () => {
  const path = join(dir, 'rotated.log');
  const log = openLogFile(path, 2_000);
  for (let n = 0; n < 80; n += 1) log.write('stdout', Buffer.from(`line ${n}\n`));
  log.close();
  expect((await readdir(dir)).filter((name) => name.startsWith('rotated'))).toEqual([
    'rotated.log',
    'rotated.log.1',
  ]);
  for (const file of [path, `${path}.1`]) expect((await stat(file)).size).toBeLessThanOrEqual(2_000);
  const numbers = [...(await linesOf(`${path}.1`)), ...(await linesOf(path))].map((line) =>
    Number(line.split(' ')[2]),
  );
  expect(numbers).toEqual(Array.from({ length: 80 }, (_, n) => n));
});

test('lines are whole per stream, long ones are cut, and the last one needs no newline', async () => {
  const path = join(dir, 'lines.log');
  const log = openLogFile(path);
  log.write('stdout', Buffer.from('out'));
  log.write('stderr', Buffer.from('err\r\n\n'));
  log.write('stdout', Buffer.from('put\nlast'));
  log.write('stderr', Buffer.alloc(200 << 10, 'x'));
  log.close();
  const texts = (await linesOf(path)).map((line) => line.slice(25));
  expect(texts.slice(0, 3)).toEqual(['err', '', 'output']);
  expect(texts.slice(3, -1).map(({ length }) => length)).toEqual([65_536, 65_536, 65_536, 8_192]);
  expect(texts.at(-1)).toBe('last');
});

test('a full disk costs lines, not the service', async (context) => {
  const full = await stat('/dev/full').catch(() => undefined);
  if (full === undefined) return context.skip('there is no /dev/full here');
  const log = openLogFile('/dev/full');
  log.write('stdout', Buffer.from('lost\n'));
  log.note('lost as well');
  log.close();
});
