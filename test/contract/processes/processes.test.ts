import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { darwinProcessTable } from '../../../src/adapters/process-table-darwin.ts';
import {
  descendants,
  identify,
  identifySelf,
  isAlive,
  listenersOf,
  signalProcess,
  terminate,
} from '../../../src/adapters/processes.ts';
import { type RunningProgram, runProgram } from '../../helpers/typescript-program.ts';

const started: RunningProgram[] = [];
let directory: string;

const run = (code: string, cwd?: string): RunningProgram => {
  const running = runProgram(process.execPath, ['-e', code], cwd === undefined ? {} : { cwd });
  started.push(running);
  return running;
};
const SLEEP = 'setInterval(() => {}, 1000); console.log("READY");';

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'devenv-processes-')));
});
afterAll(async () => {
  for (const running of started) if (running.child.exitCode === null) running.child.kill('SIGKILL');
  await Promise.all(started.map((running) => running.exit));
  await rm(directory, { recursive: true, force: true });
});

describe('identity', () => {
  it('names this process the same at every look', async () => {
    const me = await identify(process.pid);
    expect(me).toMatchObject({ pid: process.pid });
    expect(me?.command).toContain('node');
    expect(await identifySelf()).toEqual(me);
    expect(await isAlive(me!)).toBe(true);
    expect(await isAlive({ pid: process.pid, startedAt: 'another' })).toBe(false);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])('answers null for the pid %s', async (pid) => {
    expect(await identify(pid)).toBeNull();
    expect(await isAlive({ pid, startedAt: 'x' })).toBe(false);
  });

  it('takes a zombie for gone', async () => {
    // The shell becomes a program that never waits for the child it inherits.
    const parent = runProgram('/bin/sh', ['-c', 'sleep 0.01 & echo "CHILD $!"; exec sleep 300']);
    started.push(parent);
    const child = Number((await parent.line(/CHILD (\d+)/))[1]);
    await expect.poll(() => identify(child), { interval: 5, timeout: 45_000 }).toBeNull();
    expect(() => process.kill(child, 0)).not.toThrow();
    parent.child.kill('SIGKILL');
  });
});

describe('ending', () => {
  it('must stop a willing process by the signal', async () => {
    const running = run(SLEEP);
    await running.line(/READY/);
    const ref = await identify(running.pid);
    expect(await terminate(ref!, { signal: 'SIGTERM', graceMs: 60_000 })).toBe('stopped');
    expect((await running.exit).signal).toBe('SIGTERM');
    expect(await terminate(ref!, {})).toBe('already-gone');
  });

  it('must kill one that does not listen', async () => {
    const running = run(`process.on('SIGTERM', () => {}); ${SLEEP}`);
    await running.line(/READY/);
    expect(await terminate((await identify(running.pid))!, { graceMs: 60 })).toBe('killed');
    expect((await running.exit).signal).toBe('SIGKILL');
  });

  it('must never signal a process that has the pid of another', async () => {
    const running = run(SLEEP);
    await running.line(/READY/);
    const recycled = { pid: running.pid, startedAt: 'the one before' };
    expect(await terminate(recycled, { graceMs: 10 })).toBe('already-gone');
    expect(await signalProcess(recycled, 'SIGKILL')).toBe(false);
    expect(await identify(running.pid)).not.toBeNull();
    running.child.kill('SIGKILL');
  });

  it('must list children and grandchildren', async () => {
    const running = runProgram('/bin/sh', ['-c', '(sleep 300 & echo "GRANDCHILD $!"; wait) & wait']);
    started.push(running);
    const grandchild = Number((await running.line(/GRANDCHILD (\d+)/))[1]);
    const below = await descendants(running.pid);
    expect(below.map(({ pid }) => pid).at(-1)).toBe(grandchild);
    expect(below.at(-1)?.command).toBe('sleep 300');
    expect((await descendants(process.pid)).map(({ pid }) => pid)).toEqual(
      expect.arrayContaining([running.pid, grandchild]),
    );
    for (const ref of below) await terminate(ref, { signal: 'SIGKILL' });
    await running.exit;
  });
});

describe.each(['127.0.0.1', '0.0.0.0', '::', '::1'])('a server on %s', (host) => {
  it('must be found by its port, with pid, command and folder', async (context) => {
    const code = `require('net').createServer().on('error', (e) => console.log('NO ' + e.code))
      .listen(0, '${host}', function () { console.log('PORT ' + this.address().port); });`;
    const running = run(code, directory);
    const [, word, value] = await running.line(/(PORT|NO) (\w+)/);
    if (word === 'NO') return context.skip(`this machine has no ${host}: ${value}`);
    const found = await listenersOf(Number(value));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ pid: running.pid, cwd: directory });
    expect(found[0]?.command).toContain('createServer');
    running.child.kill('SIGKILL');
    await running.exit;
    expect(await listenersOf(Number(value))).toEqual([]);
  });
});

describe('ps, as macOS is asked', () => {
  it('must tell processes apart on a ps of this machine', async (context) => {
    const me = await darwinProcessTable.look(process.pid);
    if (me === 'gone') return context.skip('no ps on this machine');
    expect(me).toMatchObject({
      pid: process.pid,
      startedAt: expect.stringMatching(/^\w{3} \w{3} \d+ [\d:]{8} \d{4}$/),
    });
    expect(await darwinProcessTable.look(process.pid)).toEqual(me);
    expect((await darwinProcessTable.parents()).get(process.pid)).toBe(process.ppid);
    expect(await darwinProcessTable.look(2 ** 22 + 1)).toBe('gone');
  });

  it('must find a listener with an lsof of this machine', async (context) => {
    await writeFile(join(directory, 'x'), '');
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const port = (server.address() as { port: number }).port;
    const found = await darwinProcessTable.listeners(port);
    server.close();
    if (found.length === 0) return context.skip('no lsof on this machine');
    expect(found).toEqual([expect.objectContaining({ pid: process.pid, cwd: process.cwd() })]);
  });
});
