import { describe, expect, it } from 'vitest';
import type { TopologyDiff, TopologyMended } from '../../../src/engine/engine.ts';
import { DevenvError } from '../../../src/errors.ts';
import type { TopologyChange } from '../../../src/topology/topology-change.ts';
import { fakeEngine } from '../../helpers/fake-engine.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { someTopology } from '../../helpers/topology.ts';

const change = (object: string, parts: Partial<TopologyChange>): TopologyChange => ({
  kind: 'update',
  object,
  type: 'stream',
  stream: 'S',
  dangerous: false,
  reason: 'max_age differs',
  ...parts,
});

const DIFF: TopologyDiff = {
  environment: 'orders',
  same: false,
  accounts: [
    {
      account: '$G',
      changes: [
        change('stream NEW', { kind: 'create', reason: 'no stream of this name' }),
        change('stream AGE', { field: 'max_age', live: '1h', declared: '2h', rule: 'S02' }),
        change('stream SUB', {
          field: 'subjects',
          live: 'a, b',
          declared: 'a',
          dangerous: true,
          reason: 'messages on b would no longer be stored',
          rule: 'S03',
        }),
        change('stream DISK', {
          kind: 'immutable',
          field: 'storage',
          live: 'memory',
          declared: 'file',
          reason: 'the server cannot change the storage of an existing stream',
          rule: 'S15',
          cost: '3 messages (1KiB)',
        }),
        change('stream MINE', { kind: 'undeclared', reason: 'not declared; left alone' }),
        change('stream FINE', { kind: 'same', reason: 'as declared' }),
      ],
    },
  ],
};
const compare = (diff: TopologyDiff) => ({ drift: { compare: async () => diff } });

/** An engine whose declaration is the shipped pipeline. */
async function open() {
  const fake = fakeEngine();
  return { ...fake, engine: { ...fake.engine, topology: someTopology({ project: 'orders' }) } };
}

describe('topology show', () => {
  it('draws the declaration and asks nobody', async () => {
    const { status, stdout, received } = await runCli(['topology', 'show'], { open });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^account \$G\n├─ stream MESSAGES /);
    expect(received).toEqual([]);
  });

  it('as Mermaid, and as JSON', async () => {
    const show = async (...args: string[]) => (await runCli(['topology', 'show', ...args], { open })).stdout;
    const mermaid = await show('--format', 'mermaid');
    expect(mermaid).toMatch(/^flowchart LR\n {2}subgraph a1/);
    const json = JSON.parse(await show('--format', 'json'));
    expect(json).toMatchObject({ project: 'orders', accounts: [{ account: '$G' }] });
    expect(JSON.parse(await show('--json'))).toEqual(json);
    expect(JSON.parse(await show('--json', '--format', 'mermaid'))).toEqual({ mermaid });
  });
});

describe('topology diff', () => {
  it('exits with 0 when there is nothing to do', async () => {
    const { status, stdout, received } = await runCli(['topology', 'diff']);
    expect(status).toBe(0);
    expect(stdout).toBe('orders: the servers hold what is declared\n');
    expect(received).toEqual([['drift.compare']]);
  });

  it('says what differs, what it means and which rule explains it, and exits with 7', async () => {
    const { status, stdout } = await runCli(['topology', 'diff'], { script: compare(DIFF) });
    expect(status).toBe(7);
    expect(stdout).toBe(
      `orders: 4 differences between what is declared and what the servers hold

   WHAT         FIELD     LIVE    DECLARED  MEANING
+  stream NEW                               no stream of this name
~  stream AGE   max_age   1h      2h        can be changed
!  stream SUB   subjects  a, b    a         messages on b would no longer be stored (S03)
✖  stream DISK  storage   memory  file      the server cannot change the storage of an existing stream; made anew, it loses 3 messages (1KiB) (S15)
?  stream MINE                              not declared; left alone

2 would lose data: \`devenv topology apply\` refuses, with --allow-data-loss it makes all of them
`,
    );
  });

  it('names accounts when there are several', async () => {
    const changes = [change('stream A', { kind: 'create', reason: 'no stream of this name' })];
    const accounts = ['APP', 'AUDIT'].map((account) => ({ account, changes }));
    const { stdout } = await runCli(['topology', 'diff'], { script: compare({ ...DIFF, accounts }) });
    expect(stdout).toContain('+  APP      stream A  no stream of this name\n+  AUDIT    stream A');
    expect(stdout).toContain('`devenv topology apply` makes the servers as declared, without loss');
  });

  it('--json: the comparison as it is', async () => {
    const { status, stdout } = await runCli(['topology', 'diff', '--json'], { script: compare(DIFF) });
    expect(status).toBe(7);
    expect(JSON.parse(stdout)).toEqual(DIFF);
  });

  it('lets no live name move the cursor or begin a line', async () => {
    const changes = [change('stream \u001b[2Jx\nfake line', { kind: 'undeclared', reason: 'not declared' })];
    const hostile = compare({ environment: 'orders', same: true, accounts: [{ account: '$G', changes }] });
    const { stdout } = await runCli(['topology', 'diff'], { script: hostile });
    expect(stdout).toContain('stream x fake line');
    expect(stdout).not.toContain('\u001b');
  });

  it('says so when the environment does not run', async () => {
    const failing = async () => {
      throw new DevenvError('ENVIRONMENT_NOT_RUNNING', 'environment "orders" is not running');
    };
    const { status, stderr } = await runCli(['topology', 'diff'], {
      script: { drift: { compare: failing } },
    });
    expect(status).toBe(2);
    expect(stderr).toContain('environment "orders" is not running');
  });
});

describe('topology apply', () => {
  const mended: TopologyMended = {
    environment: 'orders',
    ms: 31,
    done: [
      { account: '$G', object: 'stream NEW', action: 'created', details: [] },
      { account: '$G', object: 'stream AGE', action: 'updated', details: ['max_age 1h → 2h'] },
      { account: '$G', object: 'stream DISK', action: 'recreated', details: ['storage memory → file'] },
    ],
  };

  it('hands its option on and lists what was done', async () => {
    const { status, stdout, received } = await runCli(['topology', 'apply', '--allow-data-loss'], {
      script: { drift: { mend: async () => mended } },
    });
    expect(status).toBe(0);
    expect(received).toEqual([['drift.mend', { allowDataLoss: true }]]);
    expect(stdout).toBe(`orders: 3 things done (31 ms)
  stream NEW created
  stream AGE updated: max_age 1h → 2h
  stream DISK deleted and created again: storage memory → file
`);
  });

  it('says that there was nothing to do', async () => {
    const { stdout, received } = await runCli(['topology', 'apply']);
    expect(stdout).toBe('orders: the servers hold what is declared; nothing to do\n');
    expect(received).toEqual([['drift.mend', { allowDataLoss: false }]]);
  });
});

describe('mistakes', () => {
  it.each([
    ['topology', "Missing required argument 'action'"],
    ['topology aply', 'There is no action "aply"'],
    ['topology diff --allow-data-loss', '--allow-data-loss belongs to `topology apply`'],
    ['topology apply --format mermaid', '--format belongs to `topology show`'],
    ['topology show --format dot', 'Expected text, mermaid or json'],
  ])('%s', async (line, message) => {
    const { status, stderr, received } = await runCli(line.split(' '));
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(received).toEqual([]);
  });
});
