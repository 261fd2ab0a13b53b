import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DevenvError } from '../../../src/errors.ts';
import { ensureSupervisor } from '../../../src/runtime/process/launch.ts';
import { controlSocket, layoutOf } from '../../../src/runtime/process/layout.ts';
import { BACKOFF_MS } from '../../../src/runtime/process/supervisor/state.ts';
import type { Deployment } from '../../../src/topology/deployment.ts';
import { bundleProgram, runProgram } from '../../helpers/typescript-program.ts';
import {
  byName,
  eventually,
  IDLE,
  type ProcessWorld,
  processesOf,
  processWorld,
  scripted,
} from './support/process-world.ts';

let world: ProcessWorld;
beforeAll(async () => {
  world = await processWorld();
  const deployment = await world.deployment('prepare');
  await world.runtime.prepare(
    deployment,
    await world.runtime.missing(deployment, world.signal),
    world.context,
  );
});
afterAll(() => world[Symbol.asyncDispose]());

const start = (deployment: Deployment, services: readonly string[]) =>
  world.runtime.start(deployment, services, world.context);
const observe = ({ environment }: Deployment) => world.runtime.observe(environment, world.signal);
const remove = ({ environment }: Deployment) =>
  world.runtime.remove(environment, { volumes: true }, world.context);
const supervisorOf = async ({ environment }: Deployment): Promise<number> =>
  JSON.parse(await readFile(join(environment.stateDir, 'run/supervisor.json'), 'utf8')).pid;
const nobodyLeft = (deployment: Deployment) =>
  eventually(async () => (await processesOf(deployment.environment)).length === 0, {
    what: 'the end of everything',
  });

async function logOf({ environment }: Deployment, service: string): Promise<string[]> {
  const lines: string[] = [];
  const query = { services: [service], follow: false };
  for await (const { text } of world.runtime.logs(environment, query, world.signal)) lines.push(text);
  return lines;
}

test('kill -9 of the supervisor: the orphans show, and the next start replaces them', async () => {
  const deployment = await world.deployment('orphans', [scripted('idle', IDLE)]);
  await start(deployment, ['nats', 'postgres', 'idle']);
  const before = await observe(deployment);
  process.kill(await supervisorOf(deployment), 'SIGKILL');
  const orphans = await eventually(async () => {
    const seen = await observe(deployment);
    return seen.every(({ unusable }) => unusable !== undefined) && seen;
  });
  for (const { service, pid } of before.filter(({ service }) => service !== 'nats'))
    expect(byName(orphans, service)).toMatchObject({ state: 'running', pid });
  await start(deployment, ['nats', 'postgres', 'idle']);
  const after = await observe(deployment);
  expect(after.map(({ service, state }) => `${service} ${state}`).sort()).toEqual([
    'idle running',
    'nats running',
    'postgres running',
  ]);
  for (const { service, pid } of after) expect(pid).not.toBe(byName(before, service)?.pid);
  await remove(deployment);
  await nobodyLeft(deployment);
});

test('orphans are found without any file, and removed', async () => {
  const deployment = await world.deployment('fileless', [scripted('idle', IDLE)]);
  await start(deployment, ['postgres', 'idle']);
  process.kill(await supervisorOf(deployment), 'SIGKILL');
  // Not its data: without them Postgres ends by itself.
  await rm(join(deployment.environment.stateDir, 'run'), { recursive: true, force: true });
  expect((await observe(deployment)).map(({ service }) => service).sort()).toEqual(['idle', 'postgres']);
  expect((await remove(deployment)).join('\n')).toMatch(/postgres \(pid \d+\)/);
  await nobodyLeft(deployment);
});

test("a copy of a running project's folder neither shows nor ends what the original runs", async () => {
  const original = await world.deployment('original', [scripted('idle', IDLE)]);
  const copy = await world.deployment('copy', [scripted('idle', IDLE)]);
  await start(original, ['idle']);
  const runs = await eventually(
    async () => {
      const [idle] = await observe(original);
      const records = await readFile(layoutOf(original.environment).recordsFile, 'utf8');
      return idle?.state === 'running' && records.includes('startedAt') ? idle : undefined;
    },
    { what: 'the record of the service' },
  );
  await cp(layoutOf(original.environment).runDir, layoutOf(copy.environment).runDir, {
    recursive: true,
    filter: (path) => !path.endsWith('.sock'),
  });

  expect(await observe(copy)).toEqual([]);
  expect(await remove(copy)).not.toContainEqual(expect.stringContaining('pid'));
  expect(await observe(original)).toEqual([runs]);
  await remove(original);
  await nobodyLeft(original);
});

test('a deleted state folder takes everything down', async () => {
  const deployment = await world.deployment('deleted', [scripted('idle', IDLE)]);
  await start(deployment, ['nats', 'postgres', 'idle']);
  await rm(deployment.environment.stateDir, { recursive: true, force: true });
  await nobodyLeft(deployment);
  expect(await observe(deployment)).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s to the supervisor takes everything down', async (signal) => {
  const deployment = await world.deployment(`asked-${signal.toLowerCase()}`, [scripted('idle', IDLE)]);
  await start(deployment, ['nats', 'postgres', 'idle']);
  process.kill(await supervisorOf(deployment), signal);
  await nobodyLeft(deployment);
  const left = await readdir(join(deployment.environment.stateDir, 'run'));
  expect(left).toEqual(['supervisor.log']);
});

test('a supervisor that does not answer is replaced', async () => {
  const deployment = await world.deployment('stopped', [scripted('idle', IDLE)]);
  await start(deployment, ['idle']);
  const stuck = await supervisorOf(deployment);
  process.kill(stuck, 'SIGSTOP');
  await expect(world.runtime.restart(deployment.environment, ['idle'], world.context)).rejects.toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining(`(pid ${stuck}) is there and does not answer`),
  });
  await start(deployment, ['idle']);
  expect(await supervisorOf(deployment)).not.toBe(stuck);
  expect(byName(await observe(deployment), 'idle')).toMatchObject({ state: 'running', restarts: 0 });
  await remove(deployment);
  await nobodyLeft(deployment);
});

test('an abort at any moment of a launch is told once: vitest fails on a rejection that nobody hears', async () => {
  for (const look of [1, 2, 3]) {
    const deployment = await world.deployment(`interrupted-${look}`);
    const { environment } = deployment;
    const interruption = new AbortController();
    const { signal } = interruption;
    let looks = 0;
    signal.throwIfAborted = () => {
      looks += 1;
      if (looks === look) interruption.abort(new Error('interrupted'));
      AbortSignal.prototype.throwIfAborted.call(signal);
    };
    const layout = layoutOf(environment);
    const program = join(world.dir, 'dist', 'supervisor.js');
    await expect(ensureSupervisor(environment, layout, program, signal)).rejects.toThrow('interrupted');
    await remove(deployment);
    await nobodyLeft(deployment);
  }
});

test('ten launches at once make one supervisor', async () => {
  const { environment } = await world.deployment('once');
  const layout = layoutOf(environment, join(world.dir, 'var-lib'));
  const program = join(world.dir, 'dist', 'supervisor.js');
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => ensureSupervisor(environment, layout, program, world.signal)),
  );
  expect(new Set(clients.map(({ pid }) => pid)).size).toBe(1);
  // Those that found the place taken have said so, and may be on their way out.
  await eventually(async () => (await processesOf(environment)).length === 1);
  expect(await processesOf(environment)).toEqual([clients[0]?.pid]);
  for (const client of clients) client[Symbol.dispose]();
  await world.runtime.remove(environment, { volumes: true }, world.context);
});

test('a crash loop is given up, visibly, with every step in the log', async () => {
  const deployment = await world.deployment('loop', [
    scripted('broken', 'console.error("no luck"); process.exit(3)'),
  ]);
  const exits = world.runtime.exits(deployment.environment, world.signal);
  await start(deployment, ['broken']);
  const seen: boolean[] = [];
  for await (const exit of exits) {
    expect(exit).toMatchObject({ service: 'broken', code: 3, signal: null });
    seen.push(exit.willRestart);
    if (!exit.willRestart) break;
  }
  expect(seen).toEqual([...BACKOFF_MS.map(() => true), false]);
  expect(byName(await observe(deployment), 'broken')).toMatchObject({
    state: 'exited',
    restarts: BACKOFF_MS.length,
    lastExit: { code: 3, signal: null },
  });
  const log = await logOf(deployment, 'broken');
  expect(log.filter((line) => line === 'no luck')).toHaveLength(BACKOFF_MS.length + 1);
  expect(log.at(-1)).toMatch(/^devenv: exited with status 3 after \d+ ms; given up after 6 ends in a row/);
  await remove(deployment);
});

test('a command that does not exist is an error with its reason, and nothing stays', async () => {
  const deployment = await world.deployment('absent', [
    scripted('absent', '', { source: { kind: 'command', command: ['no-such-program'], cwd: world.dir } }),
    scripted('idle', IDLE),
  ]);
  const error = await start(deployment, ['absent', 'idle']).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DevenvError);
  expect(error).toMatchObject({ code: 'SERVICE_DIED', message: expect.stringContaining('no-such-program') });
  await nobodyLeft(deployment);
});

test('a wrapper goes with everything that it started', async () => {
  const script = `require('child_process').spawn(process.execPath, ['-e', 'setInterval(()=>{},1000)']); setInterval(()=>{},1000)`;
  const deployment = await world.deployment('wrapper', [scripted('wrapper', script)]);
  await start(deployment, ['wrapper']);
  await eventually(async () => (await processesOf(deployment.environment)).length === 3);
  await world.runtime.kill(deployment.environment, 'wrapper', world.signal);
  await eventually(async () => (await processesOf(deployment.environment)).length === 3);
  await remove(deployment);
  await nobodyLeft(deployment);
});

test.each(['nats', 'nats-monitor', 'postgres', 'api'])(
  'says PORT_TAKEN when %s lost its port',
  async (port) => {
    const api = scripted('api', IDLE, { port: { container: 8080, preferred: 8080 } });
    const deployment = await world.deployment(`taken-${port}`, [api]);
    const thief = createServer().listen(deployment.ports[port], '127.0.0.1');
    await once(thief, 'listening');
    const error = await start(deployment, ['nats', 'postgres', 'api']).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'PORT_TAKEN', details: [port] });
    await nobodyLeft(deployment);
    thief.close();
    await once(thief, 'close');
    await start(deployment, ['nats', 'postgres', 'api']);
    expect(await observe(deployment)).toHaveLength(3);
    await remove(deployment);
  },
);

test('a command that is aborted in the middle of start leaves nothing', async () => {
  for (const afterMs of [5, 30, 60, 90, 130, 200]) {
    const deployment = await world.deployment(`aborted-${afterMs}`, [scripted('idle', IDLE)]);
    const signal = AbortSignal.timeout(afterMs);
    const outcome = await world.runtime
      .start(deployment, ['nats', 'postgres', 'idle'], { ...world.context, signal })
      .catch((reason: unknown) => reason);
    if (outcome === undefined) expect(await remove(deployment)).not.toEqual([]);
    else expect(outcome).toBe(signal.reason);
    await remove(deployment);
    await nobodyLeft(deployment);
  }
});

test('kill -9 of the command in the middle of start: the next one starts, or clears what there is', async () => {
  const program = await bundleProgram(
    world.dir,
    'starter',
    `import { createProcessRuntime } from './src/runtime/process/process-runtime.ts';
     const { deployment, options } = JSON.parse(process.env.STARTER);
     const context = { stepId: 's', emit: () => undefined, signal: new AbortController().signal };
     console.log('begin');
     await createProcessRuntime({ env: process.env, ...options }).start(deployment, ['nats', 'postgres', 'idle'], context);
     console.log('done');`,
  );
  for (const afterMs of [0, 40, 80, 120, 160]) {
    const deployment = await world.deployment(`gone-${afterMs}`, [scripted('idle', IDLE)]);
    const options = {
      supervisorProgram: join(world.dir, 'dist', 'supervisor.js'),
      pipelineDir: join(world.dir, 'dist', 'pipeline'),
      machine: { machineDataDir: join(world.dir, 'var-lib') },
    };
    const starter = runProgram(process.execPath, [program], {
      env: { ...process.env, STARTER: JSON.stringify({ deployment, options }) },
    });
    await starter.line(/begin/);
    // Not a wait for something: the moment of the kill is what is varied here.
    await new Promise((done) => setTimeout(done, afterMs));
    starter.child.kill('SIGKILL');
    await starter.exit;
    if (afterMs % 80 === 0) {
      await start(deployment, ['nats', 'postgres', 'idle']);
      expect((await observe(deployment)).map(({ state }) => state)).toEqual([
        'running',
        'running',
        'running',
      ]);
    }
    await remove(deployment);
    await nobodyLeft(deployment);
  }
  const left = (await readdir(join(world.dir, 'var-lib')).catch(() => [])).filter((name) =>
    name.includes('gone'),
  );
  expect(left).toEqual([]);
});

test('a state folder whose path is too long for a socket has its socket elsewhere, and it goes with the rest', async () => {
  const made = await world.deployment('long', [scripted('idle', IDLE)]);
  const stateDir = join(world.dir, 'a'.repeat(120), '.devenv', 'long');
  await mkdir(stateDir, { recursive: true });
  const deployment = { ...made, environment: { ...made.environment, stateDir } };
  const { path, ownDir } = controlSocket(deployment.environment, tmpdir());
  await start(deployment, ['idle']);
  expect(await readdir(ownDir!)).toEqual(['s']);
  expect(path.length).toBeLessThan(100);
  expect(await observe(deployment)).toHaveLength(1);
  await remove(deployment);
  await expect(readdir(ownDir!)).rejects.toThrow(/ENOENT/);
  await nobodyLeft(deployment);
});

test('logs of all services come in time order, from the tail, since an instant, and followed', async () => {
  const talk = (name: string) =>
    `let n = 0; const say = () => console.log('${name} ' + ++n); say(); setInterval(say, 20)`;
  const deployment = await world.deployment('logs', [
    scripted('left', talk('left')),
    scripted('right', talk('right')),
    scripted(
      'torn',
      `process.stdout.write('to'); setTimeout(() => process.stdout.write('rn\\r\\nüñ\\nlast'), 30); setTimeout(() => process.exit(0), 60)`,
    ),
  ]);
  await start(deployment, ['left', 'right', 'torn']);
  const stop = new AbortController();
  const seen: { service: string; at: string; text: string }[] = [];
  const query = { services: ['left', 'right'], follow: true, tail: 2 };
  for await (const line of world.runtime.logs(deployment.environment, query, stop.signal)) {
    seen.push(line);
    // One of the two may have begun later.
    const fewest = Math.min(
      ...['left', 'right'].map((name) => seen.filter((one) => one.service === name).length),
    );
    if (seen.length >= 40 && fewest > 5) stop.abort();
  }
  for (const name of ['left', 'right']) {
    const numbers = seen
      .filter(({ service }) => service === name)
      .map(({ text }) => Number(text.split(' ')[1]));
    expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at));
    expect(numbers.length).toBeGreaterThan(5);
  }
  const past: string[] = [];
  const since = new Date(seen[20]!.at);
  for await (const { at } of world.runtime.logs(
    deployment.environment,
    { services: [], follow: false, since },
    world.signal,
  ))
    past.push(at);
  expect(past).toEqual([...past].sort());
  expect(past.every((at) => at >= since.toISOString())).toBe(true);
  await eventually(async () => (await logOf(deployment, 'torn')).includes('last'));
  expect((await logOf(deployment, 'torn')).slice(0, 3)).toEqual(['torn', 'üñ', 'last']);
  await remove(deployment);
});

test('an image cannot run here, and the error says what can', async () => {
  const deployment = await world.deployment('image', [
    scripted('mine', '', { source: { kind: 'image', image: 'redis' } }),
  ]);
  for (const attempt of [
    () => world.runtime.missing(deployment, world.signal),
    () => start(deployment, ['mine']),
  ])
    await expect(attempt()).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
      hint: expect.stringContaining('--runtime docker'),
    });
});
