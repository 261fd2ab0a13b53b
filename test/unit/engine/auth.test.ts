import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { Topology } from '../../../src/topology/model.ts';
import { FakeWorld } from '../../helpers/fake-world.ts';
import { someNats, someTopology } from '../../helpers/topology.ts';

const environment = {
  name: 'shop',
  projectDir: '/srv/shop',
  stateDir: '/srv/shop/.devenv/shop',
  id: 'devenv-shop-1',
};

async function running(topology: Topology = someTopology()) {
  const fake = new FakeWorld();
  const engine = createEngine(fake.world, {
    environment,
    topology,
    runtime: 'auto',
    namesImages: false,
    findings: async () => fake.findings,
  });
  const call = { emit: fake.emit, signal: new AbortController().signal };
  const options = { runtime: 'auto', dryRun: false, probe: true, strictPorts: false } as const;
  await engine.up({ ...options, keep: false, timeoutMs: 5_000 }, call);
  return { fake, engine, call };
}

function cluster(): Topology {
  const ports = [1, 2, 3].flatMap((number) => [
    { name: `nats-${number}`, preferred: 4221 + number },
    { name: `nats-${number}-monitor`, preferred: 8221 + number },
  ]);
  const others = someTopology().ports.filter(({ name }) => !name.startsWith('nats'));
  return someTopology({ nats: { ...someNats, servers: 3 }, ports: [...ports, ...others] });
}

describe('auth', () => {
  it('lists everybody, with what each may do and without any secret', async () => {
    const { engine } = await running();
    const users = engine.auth.users();
    expect(users.map(({ name, kind, services }) => [name, kind, services])).toEqual([
      ['devenv', 'admin', []],
      ['monitor', 'monitor', []],
      ['api', 'service', ['api']],
      ['worker', 'service', ['worker']],
    ]);
    expect(users[0]?.permissions).toBeNull();
    expect(users[2]?.permissions?.publish.allow).toContain('messages.ingest.>');
    expect(JSON.stringify(users)).not.toContain(FakeWorld.secret);
  });

  it('test tries each user with its own and with wrong credentials, and finds no difference where there is none', async () => {
    const { engine, call } = await running();
    const report = await engine.auth.test([], call);
    expect(report.differences).toBe(0);
    expect(report.users.map(({ user }) => user)).toEqual(['devenv', 'monitor', 'api', 'worker']);
    for (const { user, trials } of report.users) {
      const logins = trials.filter(({ deed }) => deed === 'log in');
      const intruders = user === 'devenv' ? ['a wrong password', 'no credentials'] : ['a wrong password'];
      expect(logins.map(({ expected, seen, why }) => [expected, seen, why])).toEqual([
        ['allowed', 'allowed', 'password log-in'],
        ...intruders.map((what) => ['denied', 'denied', what]),
      ]);
    }
    expect(JSON.stringify(report)).not.toContain(FakeWorld.secret);
  });

  it('test tells what the servers let through although it is denied', async () => {
    const { fake, engine, call } = await running();
    fake.leaks.push('$JS.API.STREAM.DELETE.MESSAGES');
    const report = await engine.auth.test(['worker'], call);
    const wrong = report.users[0]?.trials.filter(({ expected, seen }) => expected !== seen);
    expect(report.differences).toBe(1);
    expect(wrong).toMatchObject([
      { deed: 'publish', subject: '$JS.API.STREAM.DELETE.MESSAGES', why: 'deletes MESSAGES' },
    ]);
  });

  it('test asks each server, because each has a configuration of its own', async () => {
    const { fake, engine, call } = await running(cluster());
    const { run } = fake.world.auth;
    const asked: string[] = [];
    const { login } = fake.world.auth;
    fake.world.auth.login = async (access, options) => {
      asked.push(...access.servers);
      return login(access, options);
    };
    let last = '';
    fake.world.auth.run = async (access, admin, trials, options) => {
      expect(access.servers).toEqual(admin.servers);
      expect(access.servers).toHaveLength(1);
      last = access.servers[0]!;
      fake.leaks.splice(0, 1, ...(last.endsWith(':4224') ? ['$JS.API.STREAM.DELETE.MESSAGES'] : []));
      return run(access, admin, trials, options);
    };
    const report = await engine.auth.test(['worker'], call);
    expect(last).toBe('127.0.0.1:4224');
    // Whether it answers, with its own credentials, and with wrong ones.
    expect(asked.sort()).toEqual(
      ['127.0.0.1:4222', '127.0.0.1:4223', '127.0.0.1:4224'].flatMap((one) => [one, one, one]),
    );
    expect(report.differences).toBe(1);
    expect(report.users[0]?.trials.filter(({ expected, seen }) => expected !== seen)).toMatchObject([
      { subject: '$JS.API.STREAM.DELETE.MESSAGES', seen: 'allowed', detail: '127.0.0.1:4224: let through' },
    ]);
  });

  it('test calls a log-in that nobody answered neither accepted nor refused', async () => {
    const { fake, engine, call } = await running();
    fake.world.auth.login = async () => ({ accepted: false, detail: 'connection refused' });
    const report = await engine.auth.test(['worker'], call);
    const logins = report.users[0]?.trials.filter(({ deed }) => deed === 'log in');
    expect(logins?.map(({ seen }) => seen)).toEqual(['unknown', 'unknown']);
  });

  it('test waits once for a server that hangs, and tells what the others do', async () => {
    const { fake, engine, call } = await running(cluster());
    const { login, run } = fake.world.auth;
    const hangs = '127.0.0.1:4223';
    let waits = 0;
    fake.world.auth.login = async (access, options) => {
      if (access.servers[0] !== hangs) return login(access, options);
      waits += 1;
      return { accepted: false, detail: 'no answer within 5 s' };
    };
    const ran = new Set<string>();
    fake.world.auth.run = async (access, ...others) => {
      for (const server of access.servers) ran.add(server);
      return run(access, ...others);
    };
    const report = await engine.auth.test([], call);
    expect(waits).toBe(1);
    expect([...ran].sort()).toEqual(['127.0.0.1:4222', '127.0.0.1:4224']);
    for (const { trials } of report.users) {
      const wrong = trials.filter(({ expected, seen }) => seen !== expected);
      expect(wrong.length).toBeGreaterThan(0);
      for (const { deed, subject, seen, detail } of wrong)
        expect([deed, subject.includes(hangs), seen, detail]).toEqual([
          'log in',
          true,
          'unknown',
          'no answer within 5 s',
        ]);
    }
  });

  it('test calls everything unknown when no server answers', async () => {
    const { fake, engine, call } = await running();
    fake.world.auth.login = async () => ({ accepted: false, detail: 'connection refused' });
    fake.world.auth.run = () => Promise.reject(new Error('asked although nobody is there'));
    const report = await engine.auth.test(['worker'], call);
    expect(report.differences).toBe(report.trials);
    for (const { seen, detail } of report.users[0]!.trials.filter(({ deed }) => deed !== 'log in'))
      expect([seen, detail]).toEqual(['unknown', '127.0.0.1:4222: connection refused']);
  });

  it('variables are those of one user; one that no up has made known is told', async () => {
    const { fake, engine, call } = await running();
    const { NATS_URL } = await engine.auth.variables('worker', call);
    expect(NATS_URL).toMatch(/^nats:\/\/worker:[^@]+@127\.0\.0\.1:4222$/);
    const { worker: _, ...others } = fake.secrets?.nats ?? {};
    fake.secrets = { ...fake.secrets!, nats: others };
    await expect(engine.auth.variables('worker', call)).rejects.toMatchObject({
      code: 'NOT_READY',
      hint: expect.stringContaining('devenv up'),
    });
  });

  it('rotate gives the named users new credentials, leaves the others theirs, and the old ones are refused', async () => {
    const { fake, engine, call } = await running();
    const before = structuredClone(fake.secrets);
    const result = await engine.auth.rotate(['worker'], { timeoutMs: 5_000 }, call);
    expect(result.users).toEqual(['worker']);
    expect(fake.secrets?.nats?.worker).not.toEqual(before?.nats?.worker);
    for (const name of ['devenv', 'monitor', 'api'])
      expect(fake.secrets?.nats?.[name]).toEqual(before?.nats?.[name]);
    expect(fake.secrets?.postgres).toEqual(before?.postgres);
    expect(JSON.stringify([result, fake.events])).not.toContain(FakeWorld.secret);
  });

  it('rotate fails when a server still takes the old ones', async () => {
    const { fake, engine, call } = await running();
    fake.world.auth.login = async () => ({ accepted: true, detail: 'accepted' });
    await expect(engine.auth.rotate([], { timeoutMs: 5_000 }, call)).rejects.toMatchObject({
      code: 'NATS_FAILED',
      message: expect.stringContaining('devenv, monitor, api, worker'),
    });
  });

  it('of a user that there is not names the nearest', async () => {
    const { engine, call } = await running();
    await expect(engine.auth.test(['wroker'], call)).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('Did you mean "worker"?'),
    });
  });

  it('of an environment that does not run says so', async () => {
    const { fake, engine, call } = await running();
    fake.running.clear();
    for (const verb of [
      () => engine.auth.test([], call),
      () => engine.auth.rotate([], { timeoutMs: 1 }, call),
    ])
      await expect(verb()).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_RUNNING' });
  });
});
