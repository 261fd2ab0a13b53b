import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/doctor/finding.ts';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { TopologyChange } from '../../../src/topology/topology-change.ts';
import { FakeWorld } from '../../helpers/fake-world.ts';
import { someTopology } from '../../helpers/topology.ts';

const change = (object: string, parts: Partial<TopologyChange> = {}): TopologyChange => ({
  kind: 'update',
  object,
  type: 'stream',
  stream: object.split(' ')[1]!,
  field: 'max_age',
  live: '1h',
  declared: '2h',
  dangerous: false,
  reason: 'max_age differs',
  ...parts,
});
const SAME = change('stream S', { kind: 'same' });
const HARMLESS = change('stream A');
const DANGEROUS = change('stream B', { dangerous: true, reason: 'it would lose messages' });
const IMMUTABLE = change('stream C', {
  kind: 'immutable',
  reason: 'it cannot be changed',
  cost: '3 messages',
});

const UP = {
  runtime: 'auto',
  dryRun: false,
  probe: false,
  strictPorts: false,
  keep: false,
  timeoutMs: 5_000,
} as const;

/** A running environment whose servers differ so from the declaration. */
async function running(...changes: TopologyChange[]) {
  const fake = new FakeWorld();
  const { engine, call } = idle(fake);
  await engine.up(UP, call);
  fake.acts.length = 0;
  fake.drift = [{ account: '$G', changes }];
  return { fake, engine, call };
}

function idle(fake = new FakeWorld()) {
  const call = { emit: fake.emit, signal: new AbortController().signal };
  const engine = createEngine(fake.world, {
    environment: { name: 'shop', projectDir: '/srv/shop', stateDir: '/srv/shop/.devenv/shop', id: 'shop-1' },
    topology: someTopology(),
    runtime: 'auto',
    namesImages: false,
    findings: async () => fake.findings,
  });
  return { fake, engine, call };
}

describe('compare', () => {
  it.each([
    [[SAME], true],
    [[SAME, change('stream X', { kind: 'undeclared' })], true],
    [[change('consumer S/c', { kind: 'orphaned' })], true],
    [[change('stream X', { kind: 'create' })], false],
    [[HARMLESS], false],
    [[IMMUTABLE], false],
  ])('%j: the same is %s', async (changes, same) => {
    const { engine, call } = await running(...changes);
    expect(await engine.drift.compare(call)).toEqual({
      environment: 'shop',
      same,
      accounts: [{ account: '$G', changes }],
    });
  });

  it('throws for an environment that does not run', async () => {
    const { engine, call } = idle();
    await expect(engine.drift.compare(call)).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_RUNNING' });
    await expect(engine.drift.mend({ allowDataLoss: true }, call)).rejects.toMatchObject({
      code: 'ENVIRONMENT_NOT_RUNNING',
    });
  });

  it('passes on why the servers do not answer', async () => {
    const { fake, engine, call } = await running();
    fake.compareFailure = new Error('gone');
    await expect(engine.drift.compare(call)).rejects.toThrow('gone');
  });
});

describe('mend', () => {
  it('makes what loses nothing', async () => {
    const { fake, engine, call } = await running(SAME, HARMLESS);
    const { done } = await engine.drift.mend({ allowDataLoss: false }, call);
    expect(fake.acts).toEqual(['mend stream S', 'mend stream A']);
    expect(done.map(({ object }) => object)).toEqual(['stream S', 'stream A']);
  });

  it.each([
    [DANGEROUS, 'stream B: max_age 1h → 2h: it would lose messages'],
    [IMMUTABLE, 'stream C: max_age 1h → 2h: it cannot be changed; made anew, it loses 3 messages'],
    [
      change('consumer S/c', {
        kind: 'orphaned',
        field: undefined,
        dangerous: true,
        reason: 'it hears nothing',
      } as never),
      'consumer S/c: it hears nothing',
    ],
  ])('refuses what loses data, before it touches anything: %#', async (loss, detail) => {
    const { fake, engine, call } = await running(HARMLESS, loss);
    await expect(engine.drift.mend({ allowDataLoss: false }, call)).rejects.toMatchObject({
      code: 'TOPOLOGY_CONFLICT',
      message: 'One change would lose data; nothing was changed.',
      details: [detail],
      hint: expect.stringContaining('--allow-data-loss'),
    });
    expect(fake.acts).toEqual([]);
  });

  it('names accounts when several are concerned, and looks at all of them before it changes one', async () => {
    const { fake, engine, call } = await running();
    fake.drift = [
      { account: 'A', changes: [DANGEROUS] },
      { account: 'B', changes: [IMMUTABLE] },
    ];
    await expect(engine.drift.mend({ allowDataLoss: false }, call)).rejects.toMatchObject({
      message: '2 changes would lose data; nothing was changed.',
      details: [expect.stringMatching(/^account A: stream B/), expect.stringMatching(/^account B: stream C/)],
    });
    expect(fake.acts).toEqual([]);
  });

  it('makes everything when it is told to', async () => {
    const { fake, engine, call } = await running(HARMLESS, DANGEROUS, IMMUTABLE);
    await engine.drift.mend({ allowDataLoss: true }, call);
    expect(fake.acts).toEqual(['mend stream A', 'mend stream B', 'mend stream C']);
  });

  it('tells in the error what was done before it', async () => {
    const { fake, engine, call } = await running(HARMLESS, DANGEROUS);
    fake.cannotMend = 'stream B';
    await expect(engine.drift.mend({ allowDataLoss: true }, call)).rejects.toMatchObject({
      code: 'NATS_FAILED',
      message: 'cannot mend stream B',
      details: ['done before that: stream A of account $G updated'],
    });
  });

  it('stops on errors of the doctor', async () => {
    const { fake, engine, call } = await running(HARMLESS);
    const finding: Finding = {
      rule: 'S01',
      title: 'overlap',
      severity: 'error',
      place: { kind: 'object', object: 'stream A' },
      cause: 'They overlap.',
      symptom: '10065',
      fix: 'Narrow one.',
    };
    fake.findings = [finding];
    await expect(engine.drift.mend({ allowDataLoss: true }, call)).rejects.toMatchObject({
      code: 'FINDINGS',
    });
    expect(fake.acts).toEqual([]);
  });
});
