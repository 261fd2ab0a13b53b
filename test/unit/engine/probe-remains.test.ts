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
const KEY = 'PROBE-failover-0123456789abcdef0123';

async function running() {
  const fake = new FakeWorld();
  const engine = createEngine(fake.world, {
    environment,
    topology: someTopology(),
    runtime: 'auto',
    namesImages: false,
    findings: async () => fake.findings,
  });
  const call = { emit: fake.emit, signal: new AbortController().signal };
  const up = (dryRun = false) =>
    engine.up(
      { runtime: 'auto', probe: true, strictPorts: false, keep: false, timeoutMs: 5_000, dryRun },
      call,
    );
  await up();
  fake.orphans = [{ key: KEY, since: new Date(0).toISOString(), places: [], messageIds: [] }];
  fake.acts.length = 0;
  fake.events.length = 0;
  const notes = () => fake.events.flatMap((event) => (event.type === 'note' ? [event.text] : []));
  return { fake, up, probe: () => engine.probe(['flow'], call), notes };
}

const TOLD = `removed what a killed probe had left: 2 messages, 3 rows of ${KEY}`;

it('a probe removes what a killed one left after it has run, and says so once', async () => {
  const { fake, probe, notes } = await running();
  await probe();
  expect(fake.acts).toEqual(['probe flow', `remove ${KEY}`]);
  expect(notes()).toEqual([TOLD]);
});

it('so does an `up` that has nothing else to do, but no dry run', async () => {
  const { fake, up, notes } = await running();
  await up(true);
  expect(fake.acts).toEqual([]);
  expect((await up()).steps).toEqual([]);
  expect(fake.acts).toEqual([`remove ${KEY}`]);
  expect(notes()).toEqual([TOLD]);
});

it('what cannot be removed is told and changes no result', async () => {
  const { fake, probe, notes } = await running();
  fake.cannotRemove = true;
  expect(await probe()).toMatchObject([{ probe: 'flow', status: 'passed' }]);
  expect(notes()).toEqual([expect.stringMatching(/still there.*no server answers/)]);
});
