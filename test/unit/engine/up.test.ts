import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { UpOptions } from '../../../src/engine/engine.ts';
import { FakeWorld } from '../../helpers/fake-world.ts';
import { someAccount, someNats, someTopology } from '../../helpers/topology.ts';

const environment = {
  name: 'shop',
  projectDir: '/srv/shop',
  stateDir: '/srv/shop/.devenv/shop',
  id: 'devenv-shop-1',
};
const OPTIONS: UpOptions = {
  runtime: 'auto',
  dryRun: false,
  probe: true,
  strictPorts: false,
  keep: false,
  timeoutMs: 5_000,
};

function start(fake = new FakeWorld(), topology = someTopology(), namesImages = false) {
  const engine = createEngine(fake.world, {
    environment,
    topology,
    runtime: 'auto',
    namesImages,
    findings: async () => fake.findings,
  });
  const up = (options: Partial<UpOptions> = {}, signal = new AbortController().signal) =>
    engine.up({ ...OPTIONS, ...options }, { emit: fake.emit, signal });
  return { fake, engine, up };
}

describe('up', () => {
  it('starts, applies, migrates, probes, and remembers', async () => {
    const { fake, up } = start();
    const result = await up();
    expect(fake.acts[0]).toBe('start nats postgres api worker');
    expect(fake.acts).toEqual(
      expect.arrayContaining(['apply topology', 'migrate', 'probe flow', 'probe retry']),
    );
    expect(result.services.map(({ health }) => health.status)).toEqual(Array(4).fill('ready'));
    expect(fake.state).toMatchObject({ runtime: 'docker', lastProbe: { status: 'passed' } });
  });

  it('puts no credentials into its result', async () => {
    const { up } = start();
    const text = JSON.stringify(await up());
    expect(text).not.toContain(FakeWorld.secret);
  });

  it('a nats.conf that somebody edited is written anew, and read by the server that runs', async () => {
    const { fake, up } = start();
    await up();
    fake.acts.length = 0;
    fake.edit('nats', (text) => text.replace('max_pending', 'authorization: "none"\nmax_pending'), false);
    const { steps, configured } = await up({ probe: false });
    expect(steps[0]).toMatchObject({
      id: 'configure',
      cause: 'nats: its nats.conf was edited by hand: authorization',
    });
    expect(fake.acts[0]).toBe('reload nats');
    expect(configured).toMatchObject([{ service: 'nats', how: 'reloaded' }]);
    expect((await up()).steps).toEqual([]);
  });

  it('one that was put in the place of the mounted file takes a restart, also when it says the same', async () => {
    const { fake, up } = start();
    await up();
    fake.acts.length = 0;
    fake.edit('nats', (text) => text, true);
    const { steps } = await up({ probe: false });
    expect(steps[0]).toMatchObject({
      title: 'start nats',
      cause: 'nats: nobody knows whether it has read its nats.conf',
    });
    expect(fake.acts[0]).toBe('start nats');
    expect((await up()).steps).toEqual([]);
  });

  it('is a no-op on a healthy environment', async () => {
    const { fake, up } = start();
    await up();
    fake.acts.length = 0;
    const again = await up();
    expect(fake.acts).toEqual([]);
    expect(again.steps).toEqual([]);
  });

  it('repairs only what is damaged, then probes again', async () => {
    const { fake, up } = start();
    await up();
    fake.acts.length = 0;
    fake.die('worker', { code: 1, signal: null });
    fake.exits.length = 0;
    const again = await up();
    expect(fake.acts[0]).toBe('start worker');
    expect(again.steps[0]!.cause).toBe('worker: exited with status 1');
    expect(again.probes).toHaveLength(2);
  });

  it('without an engine takes the process runtime and says so in one line', async () => {
    const { fake, up } = start();
    fake.dockerAnswers = false;
    expect((await up()).runtime).toBe('process');
    expect(fake.events).toContainEqual({
      type: 'note',
      level: 'info',
      text: 'runtime process: docker cannot be used (no engine answers)',
    });
  });

  it('with an engine that cannot get the proposed images takes the process runtime and says so', async () => {
    const { fake, up } = start();
    fake.imageToBeHad = false;
    expect((await up()).runtime).toBe('process');
    expect(fake.events).toContainEqual({
      type: 'note',
      level: 'info',
      text: 'runtime process: docker cannot be used (the image cannot be had)',
    });
  });

  it.each([
    ['an image that the user named', true, 'auto'],
    ['docker that the user asked for', false, 'docker'],
  ] as const)('is not replaced: %s', async (_what, namesImages, runtime) => {
    const { fake, up } = start(new FakeWorld(), someTopology(), namesImages);
    fake.imageToBeHad = false;
    await expect(up({ runtime })).rejects.toMatchObject({ code: 'IMAGE_UNAVAILABLE' });
    expect(fake).toMatchObject({ state: null, leased: {} });
  });

  it('dry run plans and leaves no trace', async () => {
    const { fake, up } = start();
    const result = await up({ dryRun: true });
    expect(result.steps.map(({ id }) => id)).toContain('start');
    expect(fake).toMatchObject({ acts: [], state: null, leased: {} });
  });

  it('dry run tells that a cluster does not read the streams of a single server', async () => {
    const { fake, up } = start();
    await up();
    const [nats, monitor, ...others] = someTopology().ports;
    const ports = [1, 2, 3].flatMap((number) => [
      { ...nats!, name: `nats-${number}` },
      { ...monitor!, name: `nats-${number}-monitor` },
    ]);
    const three = someTopology({ nats: { ...someNats, servers: 3 }, ports: [...ports, ...others] });
    await start(fake, three).up({ dryRun: true });
    expect(fake.events).toContainEqual({
      type: 'note',
      level: 'warn',
      text: expect.stringContaining('the cluster starts empty'),
    });
  });

  it('tells once what becomes of the streams of an account that is declared no more', async () => {
    const { fake, up } = start();
    await up();
    const accounts = [someAccount('APP')];
    const renamed = start(fake, someTopology({ accounts, streams: [], consumers: [], services: [] }));
    fake.differences = ['stream NEW: create'];
    const told = () => fake.events.filter((event) => event.type === 'note' && /own account/.test(event.text));
    await renamed.up({ dryRun: true });
    expect(told()).toHaveLength(1);
    await renamed.up();
    expect(told()).toHaveLength(2);
    fake.differences = ['stream NEW: create'];
    await renamed.up();
    expect(told()).toHaveLength(2);
  });

  it('chooses another port when one is taken between choice and bind', async () => {
    const { fake, up } = start();
    fake.lostPorts.push('nats', 'nats');
    await up();
    expect(fake.state?.ports.nats).toBe(4224);
    expect(fake.events).toContainEqual({
      type: 'note',
      level: 'warn',
      text: 'port 4222 was taken; choosing another port',
    });
  });

  it('with --strict-ports stops instead, and takes everything down', async () => {
    const { fake, up } = start();
    fake.lostPorts.push('nats');
    await expect(up({ strictPorts: true })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    expect(fake).toMatchObject({ state: null, leased: {} });
  });

  it('a service that exits → SERVICE_DIED with its last lines, nothing left running', async () => {
    const { fake, up } = start();
    fake.notReady.add('api');
    fake.onStart = () => fake.die('api', { code: 3, signal: null });
    await expect(up()).rejects.toMatchObject({
      code: 'SERVICE_DIED',
      message: 'api exited with status 3 while devenv waited for it to become ready',
      details: ['2026-01-01T00:00:00.000Z api | its last words'],
    });
    expect(fake.running.size).toBe(0);
    expect(fake.acts.at(-1)).toMatch(/with data$/);
  });

  it('--keep leaves what was started for a look', async () => {
    const { fake, up } = start();
    fake.notReady.add('api');
    await expect(up({ keep: true })).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(fake.running.size).toBe(4);
  });

  it('a failed repair leaves the rest of the environment running', async () => {
    const { fake, up } = start();
    await up();
    fake.notReady.add('worker');
    await expect(up()).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(fake.running.size).toBe(4);
  });

  it('data of an earlier up survives a failing one', async () => {
    const { fake, engine, up } = start();
    await up();
    await engine.down({ volumes: false }, { emit: fake.emit, signal: new AbortController().signal });
    fake.notReady.add('api');
    await expect(up()).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(fake.acts.at(-1)).not.toMatch(/with data$/);
    expect(fake.state).not.toBeNull();
  });

  it('an interrupt takes down what was started', async () => {
    const { fake, up } = start();
    const controller = new AbortController();
    const reason = new Error('interrupted');
    fake.onStart = () => controller.abort(reason);
    await expect(up({}, controller.signal)).rejects.toBe(reason);
    expect(fake).toMatchObject({ state: null, leased: {} });
    expect(fake.running.size).toBe(0);
  });

  it('a failed probe is a result: every report is there and the environment stays', async () => {
    const { fake, up } = start();
    fake.probeStatus = 'failed';
    const result = await up();
    expect(result.probes).toMatchObject([{ probe: 'flow', status: 'failed', brokenHop: 'POST → 202' }]);
    expect(fake.running.size).toBe(4);
    expect(fake.state?.lastProbe?.status).toBe('failed');
  });
});
