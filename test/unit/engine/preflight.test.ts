import { describe, expect, it } from 'vitest';
import type { Finding, Severity } from '../../../src/doctor/finding.ts';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { UpOptions } from '../../../src/engine/engine.ts';
import { DevenvError, describeError } from '../../../src/errors.ts';
import { FakeWorld } from '../../helpers/fake-world.ts';
import { someTopology, stream } from '../../helpers/topology.ts';

const environment = {
  name: 'shop',
  projectDir: '/srv/shop',
  stateDir: '/srv/shop/.devenv/shop',
  id: 'devenv-shop-1',
};
const OPTIONS: UpOptions = {
  runtime: 'auto',
  dryRun: false,
  probe: false,
  strictPorts: false,
  keep: false,
  timeoutMs: 5_000,
};

const finding = (severity: Severity, line: number, rule = 'S01'): Finding => ({
  rule,
  title: 'a rule',
  severity,
  place: { kind: 'file', file: 'devenv.yaml', line, column: 5 },
  cause: `Cause ${line}.`,
  symptom: 'seen',
  fix: `Fix ${line}.`,
});

function given(findings: Finding[], topology = someTopology()) {
  const fake = new FakeWorld();
  const project = {
    environment,
    topology,
    runtime: 'auto' as const,
    namesImages: false,
    findings: async () => findings,
  };
  const engine = createEngine(fake.world, project);
  const call = { emit: fake.emit, signal: new AbortController().signal };
  const warnings = () =>
    fake.events.flatMap((event) => (event.type === 'note' && event.level === 'warn' ? event.text : []));
  return { fake, engine, call, warnings };
}

describe('the static rules before up', () => {
  it('stop it before anything is locked, allocated, started or remembered', async () => {
    const { fake, engine, call } = given([finding('note', 1), finding('error', 2)]);
    const error = await engine.up(OPTIONS, call).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'FINDINGS',
      exit: 7,
      details: ['devenv.yaml:2:5: Cause 2. (S01)'],
      hint: expect.stringMatching(/^Fix 2\. Nothing was started\..*devenv doctor/),
    });
    expect(fake.state).toBeNull();
    expect(fake.leased).toEqual({});
    expect(fake.events).toEqual([]);
  });

  it('stop generate as well', async () => {
    const { engine, call } = given([finding('error', 2)]);
    await expect(engine.generate('/out', { force: false }, call)).rejects.toMatchObject({ code: 'FINDINGS' });
  });

  it('show every error, up to a screenful', async () => {
    const { engine, call } = given(Array.from({ length: 30 }, (_, index) => finding('error', index + 1)));
    const error = (await engine.up(OPTIONS, call).catch((thrown: unknown) => thrown)) as {
      details: string[];
      message: string;
    };
    expect(error.message).toContain('30 errors');
    expect(error.details).toHaveLength(21);
    expect(error.details.at(-1)).toBe('… and 10 more');
  });

  it('hand their findings to programs, all of them, in the error and in its printed shape', async () => {
    const errors = Array.from({ length: 30 }, (_, index) => finding('error', index + 1));
    const { engine, call } = given([finding('warning', 40), ...errors]);
    const error = await engine.up(OPTIONS, call).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DevenvError);
    expect((error as DevenvError).findings).toEqual(errors);
    expect(describeError(error).findings).toEqual(errors);
    expect(describeError(new DevenvError('USAGE', 'no'))).not.toHaveProperty('findings');
  });

  it('show the budget under what is about it', async () => {
    const topology = someTopology({ streams: [stream('BIG', 'big.>')] });
    const { engine, call } = given([finding('error', 2, 'R01')], topology);
    const error = (await engine.up(OPTIONS, call).catch((thrown: unknown) => thrown)) as {
      details: string[];
    };
    expect(error.details.join('\n')).toContain('BIG');
  });

  it('tell three warnings and how many more there are, and let it go on', async () => {
    const { engine, call, warnings } = given([
      ...Array.from({ length: 5 }, (_, index) => finding('warning', index + 1)),
      finding('note', 9),
    ]);
    await engine.up({ ...OPTIONS, dryRun: true }, call);
    expect(warnings().slice(0, 4)).toEqual([
      'devenv.yaml:1:5: Cause 1. (S01)',
      'devenv.yaml:2:5: Cause 2. (S01)',
      'devenv.yaml:3:5: Cause 3. (S01)',
      'the doctor has 2 more warnings; `devenv doctor` shows them all',
    ]);
  });
});

describe('a look at what runs', () => {
  it('is null when nothing does', async () => {
    const { engine, call } = given([]);
    expect(await engine.look(call)).toBeNull();
  });
});
