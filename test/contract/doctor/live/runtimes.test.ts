import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveFacts } from '../../../../src/doctor/facts.ts';
import { runLive, runMachine } from '../../../../src/doctor/run.ts';
import type { Runtime } from '../../../../src/runtime/runtime.ts';
import type { Deployment } from '../../../../src/topology/deployment.ts';
import { gatherLiveFacts } from '../../../../src/world/live-facts.ts';
import { gatherMachineFacts } from '../../../../src/world/live-facts-machine.ts';
import { dockerNetworks } from '../../../../src/world/live-facts-networks.ts';
import { dockerOrSkip } from '../../../helpers/docker-engine.ts';
import { DockerProject } from '../../docker/docker-project.ts';
import { IDLE, type ProcessWorld, processWorld, scripted } from '../../process/support/process-world.ts';
import { found, until } from './stand.ts';

const signal = new AbortController().signal;
const look = (deployment: Deployment, runtime: Runtime, timeoutMs = 10_000): Promise<LiveFacts> =>
  gatherLiveFacts(deployment, runtime, { signal, timeoutMs });
const findings = async (deployment: Deployment, runtime: Runtime, ...ids: string[]) =>
  runLive(await look(deployment, runtime)).filter(({ rule }) => ids.includes(rule));

/** Everything that a healthy server is asked has an answer. */
async function expectAnswers(deployment: Deployment, runtime: Runtime): Promise<void> {
  await until(async () => {
    const facts = await look(deployment, runtime);
    const [server] = facts.servers;
    expect(server).toMatchObject({
      varz: { ok: true },
      jsz: { ok: true, value: { enabled: true } },
      connections: { ok: true },
      healthz: { ok: true, value: { status: 200 } },
      accounts: { ok: true },
      advertised: { ok: true },
      stored: { ok: true },
      disk: { ok: true },
    });
    expect(facts.users.every(({ login }) => login.ok)).toBe(true);
    const nats = facts.services.find(({ service }) => service === 'nats');
    expect(nats?.ports.map(({ holder }) => holder.ok && holder.value?.own)).toEqual([true, true]);
    expect(
      facts.log.some(({ service, text }) => service === 'nats' && text.includes('Server is ready')),
    ).toBe(true);
  });
}

async function withStream(deployment: Deployment, name: string): Promise<void> {
  const { connectNats } = await import('../../../../src/adapters/nats.ts');
  const { adminAccess } = await import('../../../../src/render/environment.ts');
  const { stream } = await import('../../../helpers/topology.ts');
  await using client = await connectNats(adminAccess(deployment), { signal, timeoutMs: 20_000 });
  await client.createStream({ ...stream(name, `${name}.>`), maxBytes: 1 << 20 });
}

const holding = async (port: number): Promise<AsyncDisposable> => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return { [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())) };
};

describe('the process runtime', () => {
  let world: ProcessWorld;
  beforeAll(async () => {
    world = await processWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const started = async (name: string, script = IDLE, ...services: string[]) => {
    const port = { container: 8080, preferred: 8080 };
    const deployment = await world.deployment(name, [scripted('api', script, { port })]);
    await world.runtime.prepare(deployment, await world.runtime.missing(deployment, signal), world.context);
    await world.runtime.start(deployment, services, world.context);
    return deployment;
  };

  it('answers every question of a look, and the store is seen', async () => {
    const deployment = await started('look', IDLE, 'nats');
    await expectAnswers(deployment, world.runtime);
    await withStream(deployment, 'KEPT');
    const { servers } = await look(deployment, world.runtime);
    expect(servers[0]?.stored).toEqual({ ok: true, value: ['$G/KEPT'] });
    expect(
      await findings(deployment, world.runtime, 'E01', 'E02', 'E06', 'E09', 'E10', 'E17', 'A01'),
    ).toEqual([]);
  });

  it('E01: a stranger listens on the port of a service that runs', async () => {
    const deployment = await started('stranger', IDLE, 'api');
    expect(await findings(deployment, world.runtime, 'E01')).toEqual([]);
    await using _ = await holding(deployment.ports.api!);
    expect(await findings(deployment, world.runtime, 'E01', 'E17')).toMatchObject([
      { rule: 'E01', severity: 'error', cause: expect.stringContaining(`held by pid ${process.pid}`) },
    ]);
  });

  it('E17: a child that the first run left behind answers in its place', async () => {
    // The first run puts a server into the background and ends when that listens; those after it find the port taken.
    const marker = join(world.dir, 'first-run');
    const script = `
      const { existsSync, writeFileSync } = require('node:fs');
      const listen = "require('node:http').createServer((q, r) => r.end('old')).listen(process.env.PORT, process.env.HOST)";
      if (existsSync(${JSON.stringify(marker)})) { eval(listen); } else {
        writeFileSync(${JSON.stringify(marker)}, '');
        require('node:child_process').spawn(process.execPath, ['-e', listen], { detached: true, stdio: 'ignore' });
        const look = () => require('node:net').connect(process.env.PORT, process.env.HOST)
          .once('connect', () => process.exit(0)).once('error', () => setTimeout(look, 20));
        setTimeout(look, 500);
      }`;
    const deployment = await started('stale', script, 'api');
    const finding = await found(
      () => findings(deployment, world.runtime, 'E01', 'E17'),
      ({ rule, cause }) => rule === 'E17' && cause.includes('outlived'),
    );
    expect(finding.cause).toContain('devenv started it as api of this environment');
    expect(await findings(deployment, world.runtime, 'E01')).toEqual([]);
  });

  it('E01, E02 and E17 before start: who holds the wanted ports', async () => {
    const port = { container: 8080, preferred: 8080 };
    const command = [process.execPath, '-e', 'setInterval(() => {}, 1000)'];
    const deployment = await world.deployment('before', [
      scripted('api', IDLE, { port, source: { kind: 'command', command, cwd: world.dir } }),
    ]);
    const { environment, topology, ports } = deployment;
    const lookBefore = async () =>
      runMachine(
        await gatherMachineFacts(
          { environment, topology, ports, runtime: 'process' },
          { signal, timeoutMs: 2_000 },
        ),
      );
    expect(await lookBefore()).toEqual([]);
    await using _nats = await holding(ports.nats!);
    await using _monitor = await holding(ports['nats-monitor']!);
    expect((await lookBefore()).map(({ rule, severity, place }) => [rule, severity, place])).toEqual([
      ['E01', 'warning', { kind: 'object', object: `port ${ports.nats}` }],
      ['E02', 'warning', { kind: 'object', object: `port ${ports['nats-monitor']}` }],
    ]);
  });

  it('is looked at in bounded time while its server is stopped in the middle of everything', async () => {
    const deployment = await started('frozen', IDLE, 'nats');
    await expectAnswers(deployment, world.runtime);
    const pid = (await world.runtime.observe(deployment.environment, signal)).find(
      ({ service }) => service === 'nats',
    )!.pid!;
    process.kill(pid, 'SIGSTOP');
    try {
      const at = performance.now();
      const facts = await look(deployment, world.runtime, 800);
      expect(performance.now() - at).toBeLessThan(30_000);
      expect(facts.servers[0]?.varz).toEqual({ ok: false, reason: '/varz: no answer within 800 ms' });
      expect(facts.services.find(({ service }) => service === 'nats')).toMatchObject({
        state: 'running',
        health: { ready: false },
      });
      for (const { cause } of runLive(facts)) expect(cause).not.toContain('bug in devenv');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expectAnswers(deployment, world.runtime);
  });

  it('is looked at while its server is killed in the middle of the look', async () => {
    const deployment = await started('killed', IDLE, 'nats');
    await expectAnswers(deployment, world.runtime);
    const looking = look(deployment, world.runtime, 1_500);
    await world.runtime.kill(deployment.environment, 'nats', signal);
    for (const { cause } of runLive(await looking)) expect(cause).not.toContain('bug in devenv');
    // It is brought back by its supervisor, and the next look finds it well.
    await expectAnswers(deployment, world.runtime);
  });
});

const engine = await dockerOrSkip();
const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('docker', args, { timeout: 120_000 })).stdout.trim();

describe.skipIf(engine === undefined)('the docker runtime', () => {
  it('answers every question of a look, and the store is seen in its volume', async () => {
    await using project = await DockerProject.create(engine!);
    await project.up('nats');
    await expectAnswers(project.deployment, project.runtime);
    await withStream(project.deployment, 'KEPT');
    const { servers } = await look(project.deployment, project.runtime);
    expect(servers[0]?.stored).toEqual({ ok: true, value: ['$G/KEPT'] });
    const ids = ['E01', 'E02', 'E06', 'E09', 'E10', 'E17', 'A01'];
    expect(await findings(project.deployment, project.runtime, ...ids)).toEqual([]);

    // Frozen: the kernel accepts, and nobody answers.
    const { container } = (await project.observed('nats'))!;
    await docker('pause', container!);
    try {
      const at = performance.now();
      const facts = await look(project.deployment, project.runtime, 800);
      expect(performance.now() - at).toBeLessThan(30_000);
      expect(facts.servers[0]?.varz.ok).toBe(false);
      expect(facts.servers[0]?.stored.ok).toBe(false);
      for (const { cause } of runLive(facts)) expect(cause).not.toContain('bug in devenv');
    } finally {
      await docker('unpause', container!);
    }
    const looking = look(project.deployment, project.runtime, 1_500);
    await docker('kill', container!);
    for (const { cause } of runLive(await looking)) expect(cause).not.toContain('bug in devenv');
  });

  it('E15: its networks are counted, and those that nothing uses are named', async () => {
    const before = await dockerNetworks({ signal });
    const name = `devenv-contract-network-${process.pid}`;
    await docker(
      'network',
      'create',
      '--label',
      'dev.devenv.name=old',
      '--label',
      'dev.devenv.project-dir=/srv/old',
      name,
    );
    try {
      const after = await dockerNetworks({ signal });
      expect(after.unused).toContainEqual({ name, environment: 'old', projectDir: '/srv/old' });
      expect(before.unused.map((network) => network.name)).not.toContain(name);
      expect(after.pools.total).toBeGreaterThan(0);
      // Others of this machine may make and remove networks at the same time.
      expect(after.pools.free).toBeLessThan(after.pools.total);
    } finally {
      await docker('network', 'rm', name);
    }
  });
});
