import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LockHolder, type LockOptions, lockHolder, withLock } from '../../../src/adapters/locks.ts';
import { DevenvError } from '../../../src/errors.ts';
import { bundleProgram, type RunningProgram, runProgram } from '../../helpers/typescript-program.ts';

let directory: string;
let contender: string;
let holderProgram: string;
const started = new Set<RunningProgram>();

const options = (over: Partial<LockOptions> = {}): LockOptions => ({
  signal: new AbortController().signal,
  timeoutMs: 60_000,
  describe: 'a test',
  ...over,
});

function start(program: string, args: readonly string[]): RunningProgram {
  const running = runProgram(process.execPath, [program, ...args]);
  started.add(running);
  void running.exit.then(() => started.delete(running));
  return running;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devenv-locks-'));
  // In the critical section: nobody else may be alive in there, and the counter must be what we left.
  contender = await bundleProgram(
    directory,
    'contender',
    `
    import { writeFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
    import { withLock } from './src/adapters/locks.ts';
    import { isAlive, identifySelf } from './src/adapters/processes.ts';
    const [lock, rounds] = process.argv.slice(2);
    const inside = lock + '-inside', counter = lock + '-counter';
    const me = await identifySelf();
    const read = (path) => { try { return readFileSync(path, 'utf8'); } catch { return ''; } };
    // Whole or not at all, also when we are killed while we write it.
    const write = (path, text) => { writeFileSync(path + '.new', text); renameSync(path + '.new', path); };
    for (let round = 0; round < Number(rounds); round += 1) {
      await withLock(lock, { signal: new AbortController().signal, timeoutMs: 300000, describe: 'hammering' }, async () => {
        const other = read(inside);
        if (other !== '' && await isAlive(JSON.parse(other))) console.log('VIOLATION: ' + other);
        write(inside, JSON.stringify(me));
        const before = Number(read(counter) || 0);
        await new Promise((done) => setTimeout(done, Math.random() * 3));
        if (read(inside) !== JSON.stringify(me)) console.log('VIOLATION: overwritten');
        if (Number(read(counter) || 0) !== before) console.log('VIOLATION: counter');
        write(counter, String(before + 1));
        rmSync(inside, { force: true });
      });
    }
    console.log('FINISHED');
    `,
  );
  holderProgram = await bundleProgram(
    directory,
    'holder',
    `
    import { withLock } from './src/adapters/locks.ts';
    await withLock(process.argv[2], { signal: new AbortController().signal, timeoutMs: 60000, describe: 'up of orders' },
      () => new Promise((done) => { console.log('HELD'); setTimeout(done, 600000); }));
    `,
  );
});

afterAll(async () => {
  for (const running of started) running.child.kill('SIGKILL');
  await Promise.all([...started].map((running) => running.exit));
  await rm(directory, { recursive: true, force: true });
});

const filesOf = async (lock: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.startsWith(`${lock}.`));

describe('one process', () => {
  it('must run one function at a time and release after a throw', async () => {
    const path = join(directory, 'one');
    let inside = 0;
    const run = (fail: boolean) =>
      withLock(path, options(), async () => {
        inside += 1;
        expect(inside).toBe(1);
        await delay(2);
        inside -= 1;
        if (fail) throw new Error('inside');
        return 'done';
      });
    const results = await Promise.allSettled([run(false), run(true), run(false), run(true), run(false)]);
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await lockHolder(path)).toBeNull();
    expect(await filesOf('one')).toEqual(['one.5']);
  });

  it('must name the holder on a time-out, and tell the waiter once', async () => {
    const path = join(directory, 'timeout');
    const holder = start(holderProgram, [path]);
    await holder.line(/HELD/);
    const waits: LockHolder[] = [];
    const failure = await withLock(
      path,
      options({ timeoutMs: 150, onWait: (holder) => waits.push(holder) }),
      async () => 'never',
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DevenvError);
    expect(failure).toMatchObject({ code: 'LOCK_TIMEOUT', exit: 3 });
    expect((failure as Error).message).toContain(`pid ${holder.pid}`);
    expect((failure as Error).message).toContain('up of orders');
    expect((failure as Error).message).toContain('holder.mjs');
    expect(waits).toHaveLength(1);
    expect(waits[0]).toMatchObject({ pid: holder.pid, purpose: 'up of orders' });
    holder.child.kill('SIGKILL');
    await holder.exit;
  });

  it('must end at once with the reason of the signal while waiting', async () => {
    const path = join(directory, 'abort');
    const holder = start(holderProgram, [path]);
    await holder.line(/HELD/);
    const abort = new AbortController();
    const reason = new DevenvError('INTERRUPTED', 'Ctrl-C');
    const waiting = withLock(
      path,
      options({ signal: abort.signal, onWait: () => abort.abort(reason) }),
      async () => 'never',
    );
    await expect(waiting).rejects.toBe(reason);
    holder.child.kill('SIGKILL');
    await holder.exit;
  });

  it('must take the lock of a killed holder without waiting', async () => {
    const path = join(directory, 'killed');
    const holder = start(holderProgram, [path]);
    await holder.line(/HELD/);
    holder.child.kill('SIGKILL');
    await holder.exit;
    await expect(withLock(path, options({ timeoutMs: 0 }), async () => 'mine')).resolves.toBe('mine');
  });

  it('must not take a recycled pid for the holder', async () => {
    const path = join(directory, 'recycled');
    // Our own pid, but another start time: a process that had this pid before us.
    await writeFile(`${path}.7`, JSON.stringify({ pid: process.pid, startedAt: 'long ago', command: 'x' }));
    await withLock(path, options({ timeoutMs: 0 }), async () => undefined);
    expect(await filesOf('recycled')).toEqual(['recycled.8']);
  });

  it.each(['', '{"pid": 1', 'null', '[]', '{"pid":"1"}', '{"pid":-1,"startedAt":"x"}', '\0\0\0'])(
    'must take a lock file that holds %j for free',
    async (text) => {
      const path = join(directory, 'garbage');
      await writeFile(`${path}.3`, text);
      await withLock(path, options({ timeoutMs: 0 }), async () => undefined);
      await rm(`${path}.4`);
    },
  );

  it('must clear what killed claimants left, and leave the files of others alone', async () => {
    const path = join(directory, 'left');
    const strangers = ['left.json', 'left.claims', 'left.01', 'left-1'];
    for (const name of [...strangers, 'left.1', 'left.2', 'left.claim-999999999-00000000-abcdef01'])
      await writeFile(join(directory, name), '');
    await withLock(path, options(), async () => undefined);
    const names = (await readdir(directory)).filter((name) => /^left/.test(name)).sort();
    expect(names).toEqual([...strangers, 'left.3'].sort());
  });
});

describe('many processes', () => {
  it('must never let two in, whoever is killed or stopped at whatever moment', async () => {
    const path = join(directory, 'hammer');
    const everyone: RunningProgram[] = [];
    const spawnOne = (): void => void everyone.push(start(contender, [path, '25']));
    for (let n = 0; n < 8; n += 1) spawnOne();
    let kills = 0;
    while (kills < 25) {
      await delay(Math.random() * 60);
      const victims = [...started];
      const victim = victims[Math.floor(Math.random() * victims.length)];
      if (victim === undefined) {
        spawnOne();
        continue;
      }
      if (Math.random() < 0.4) {
        // A sleeper wakes up with an old view of the world.
        victim.child.kill('SIGSTOP');
        await delay(Math.random() * 80);
        victim.child.kill('SIGCONT');
      } else {
        victim.child.kill('SIGKILL');
        kills += 1;
        spawnOne();
      }
    }
    const exits = await Promise.all(everyone.map((running) => running.exit));
    expect(
      exits.map(({ stdout, stderr }) => stdout + stderr).filter((text) => text.includes('VIOLATION')),
    ).toEqual([]);
    const finished = exits.filter(({ stdout }) => stdout.includes('FINISHED')).length;
    const killed = exits.filter(({ signal }) => signal === 'SIGKILL').length;
    // One can be killed after it has said that it finished: neither number says how many the other are.
    const unexplained = exits.filter(
      ({ stdout, signal }) => !stdout.includes('FINISHED') && signal !== 'SIGKILL',
    );
    expect(unexplained).toEqual([]);
    expect(killed).toBeGreaterThan(10);
    expect(Number(await readFile(`${path}-counter`, 'utf8'))).toBeGreaterThanOrEqual(finished * 25);
    await withLock(path, options(), async () => undefined);
    expect(await filesOf('hammer')).toHaveLength(1);
  });
});
