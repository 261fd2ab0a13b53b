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

async function running(topology: Topology) {
  const fake = new FakeWorld();
  const engine = createEngine(fake.world, {
    environment,
    topology,
    runtime: 'auto',
    namesImages: false,
    findings: async () => fake.findings,
  });
  const call = { emit: fake.emit, signal: new AbortController().signal };
  const options = { runtime: 'auto', dryRun: false, probe: false, strictPorts: false } as const;
  await engine.up({ ...options, keep: false, timeoutMs: 5_000 }, call);
  fake.acts.length = 0;
  return { fake, rotate: (users: string[]) => engine.auth.rotate(users, { timeoutMs: 5_000 }, call) };
}

function threeServers(): Topology {
  const ports = [1, 2, 3].flatMap((number) => [
    { name: `nats-${number}`, preferred: 4221 + number },
    { name: `nats-${number}-monitor`, preferred: 8221 + number },
  ]);
  const others = someTopology().ports.filter(({ name }) => !name.startsWith('nats'));
  return someTopology({ nats: { ...someNats, servers: 3 }, ports: [...ports, ...others] });
}

describe('rotate', () => {
  it('restarts no server: each reads the new credentials while it runs', async () => {
    const { fake, rotate } = await running(threeServers());
    const { servers } = await rotate(['worker']);
    expect(servers.map(({ service, how }) => `${service} ${how}`)).toEqual([
      'nats-1 reloaded',
      'nats-2 reloaded',
      'nats-3 reloaded',
    ]);
    expect(fake.acts[0]).toBe('reload nats-1 nats-2 nats-3');
    expect(fake.acts.join()).not.toMatch(/start nats|restart/);
  });

  it('restarts those that do not follow while they run, one after the other, and says so', async () => {
    const { fake, rotate } = await running(threeServers());
    fake.deaf.add('nats-1').add('nats-3');
    const { servers } = await rotate(['worker']);
    expect(servers.map(({ service, how }) => `${service} ${how}`)).toEqual([
      'nats-2 reloaded',
      'nats-1 restarted',
      'nats-3 restarted',
    ]);
    expect(fake.acts.slice(0, 3)).toEqual(['reload nats-1 nats-2 nats-3', 'start nats-1', 'start nats-3']);
    expect(fake.events).toContainEqual({
      type: 'note',
      level: 'warn',
      text: 'nats-1, nats-3 did not follow while running; restarting them one after the other',
    });
  });
});
