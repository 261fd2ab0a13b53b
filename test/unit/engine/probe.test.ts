import { expect, it } from 'vitest';
import { createEngine } from '../../../src/engine/create-engine.ts';
import { FakeWorld } from '../../helpers/fake-world.ts';
import { someTopology } from '../../helpers/topology.ts';

const environment = {
  name: 'shop',
  projectDir: '/srv/shop',
  stateDir: '/srv/shop/.devenv/shop',
  id: 'devenv-shop-1',
};

it('a probe that runs on request only has the environment for itself; the others disturb nobody', async () => {
  const fake = new FakeWorld();
  fake.world.probes = fake.world.probes.map((probe) => ({ ...probe, isDefault: probe.name === 'flow' }));
  const engine = createEngine(fake.world, {
    environment,
    topology: someTopology(),
    runtime: 'auto',
    namesImages: false,
    findings: async () => fake.findings,
  });
  const call = { emit: fake.emit, signal: new AbortController().signal };
  const options = { runtime: 'auto', dryRun: false, probe: false, strictPorts: false } as const;
  await engine.up({ ...options, keep: false, timeoutMs: 5_000 }, call);
  const { lock } = fake.world;
  let locks = 0;
  fake.world.lock = (...args) => {
    locks += 1;
    return lock(...args);
  };
  await engine.probe([], call);
  await engine.probe(['flow'], call);
  expect(locks).toBe(0);
  expect((await engine.probe(['flow', 'retry'], call)).map(({ probe }) => probe)).toEqual(['flow', 'retry']);
  expect(locks).toBe(1);
});
