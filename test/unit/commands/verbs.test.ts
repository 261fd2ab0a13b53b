import { describe, expect, it } from 'vitest';
import { commands } from '../../../src/commands/index.ts';
import { DevenvError } from '../../../src/errors.ts';
import { EVENTS, FAILED, LINES, PASSED, SERVICES, STATUS, UP } from '../../helpers/fake-engine.ts';
import { runCli } from '../../helpers/run-cli.ts';

describe('up', () => {
  it('prints services with URLs, what was done and why, probes, and what to do next', async () => {
    const { status, stdout, received } = await runCli(['up']);
    expect(status).toBe(0);
    expect(stdout).toBe(`orders is up on the process runtime (1.24 s)

SERVICE   STATE    HEALTH                        URL                                 PID
nats      running  ready                         nats://127.0.0.1:4222               11
postgres  running  ready                         postgresql://127.0.0.1:5432/orders  12
api       running  ready                         http://127.0.0.1:8080               13
worker    backoff  not ready: GET /readyz → 503

start nats, start postgres (no process)
start worker (process exited (137))

flow passed in 84 ms

  eval "$(devenv env --format shell)"  its URLs as variables of your shell
  devenv logs -f                       follow the logs
  devenv down                          stop it; the data is kept
`);
    const options = {
      runtime: 'auto',
      dryRun: false,
      probe: true,
      strictPorts: false,
      keep: false,
      timeoutMs: 60_000,
    };
    expect(received).toEqual([['up', options]]);
  });

  it('hands its options on', async () => {
    const line = 'up --runtime process --dry-run --no-probe --strict-ports --keep --timeout 1m30s';
    const { received, opened } = await runCli(line.split(' '));
    const options = {
      runtime: 'process',
      dryRun: true,
      probe: false,
      strictPorts: true,
      keep: true,
      timeoutMs: 90_000,
    };
    expect(received).toEqual([['up', options]]);
    expect(opened).toMatchObject([{ runtime: 'process' }]);
  });

  it('says in one line that there was nothing to do', async () => {
    const healthy = async () => ({ ...UP, steps: [], probes: [], ms: 62 });
    const { stdout } = await runCli(['up'], { script: { up: healthy } });
    expect(stdout).toMatch(/\n\norders is already healthy: nothing to do \(62 ms\)\n$/);
    expect(stdout).toContain('nats://127.0.0.1:4222');
  });

  it('--dry-run prints each step, its cause and what it depends on', async () => {
    const dry = async () => ({ ...UP, dryRun: true, probes: [] });
    const { stdout } = await runCli(['up', '--dry-run'], { script: { up: dry } });
    expect(stdout).toBe(`orders: up would do 3 steps on the process runtime; nothing was changed

STEP            WHAT            CAUSE                 AFTER
start-nats      start nats      no process
start-postgres  start postgres  no process
start-worker    start worker    process exited (137)  start-nats
`);
  });

  it('a failed probe: every hop, the evidence of the broken one, the fix, exit 6', async () => {
    const broken = async () => ({ ...UP, probes: [FAILED, PASSED] });
    const { status, stdout, stderr } = await runCli(['up'], { script: { up: broken } });
    expect(status).toBe(6);
    expect(stdout).toContain(`
flow failed after 5.02 s, broken at: stream MESSAGES holds it
  ✔ POST /ingest/message → 202  12 ms
  ✖ stream MESSAGES holds it    5.00 s
    expected a new sequence, saw 41 again
    sequence: 41
    log:
      worker: one
      worker: two
  - row in orders               not reached
  fix: See whether the API may publish.
  key: K2
flow passed in 84 ms
`);
    expect(stderr).toBe(
      'error: Everything is running, but messages do not flow: flow at "stream MESSAGES holds it".\n' +
        'hint: The environment is left running: `devenv logs` shows what the services say, `devenv probe` probes again.\n',
    );
  });

  it('--json: one document on stdout, events and the error on stderr', async () => {
    const up = async (_options: unknown, call: { emit: (event: (typeof EVENTS)[number]) => void }) => {
      EVENTS.forEach(call.emit);
      return { ...UP, probes: [FAILED] };
    };
    const { status, stdout, stderr } = await runCli(['up', '--json'], { script: { up } });
    expect(status).toBe(6);
    expect(JSON.parse(stdout)).toEqual({ ...UP, probes: [FAILED] });
    const types = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types).toEqual([...EVENTS.map(({ type }) => type), 'error']);
  });

  it('names the environment and npx in its hints when they were used', async () => {
    const { stdout } = await runCli(['up', '--name', 'ci', '-C', 'my app'], { env: { npm_command: 'exec' } });
    expect(stdout).toContain(`  npx devenv down --name ci -C 'my app'`);
  });

  it('names them in the hints of errors too, but not for help', async () => {
    const open = async () => {
      throw new DevenvError('NATS_FAILED', 'gone', { hint: 'Run `devenv up`, or see `devenv up --help`.' });
    };
    const { stderr } = await runCli(['status', '--name', 'ci'], { env: { npm_command: 'exec' }, open });
    expect(stderr).toContain('hint: Run `npx devenv up --name ci`, or see `npx devenv up --help`.\n');
  });
});

describe('up --attach', () => {
  it('follows the logs; Ctrl-C stops the environment, keeps its data and exits with 130', async () => {
    const ctrlC = new AbortController();
    async function* logs() {
      yield* LINES;
      ctrlC.abort(new Error('SIGINT'));
      ctrlC.signal.throwIfAborted();
    }
    let stoppedWith: AbortSignal | undefined;
    const down = async (_options: unknown, call: { signal: AbortSignal }) => {
      stoppedWith = call.signal;
      return { environment: 'orders', removed: [], ms: 1 };
    };
    const { status, stdout, stderr, received } = await runCli(['up', '--attach'], {
      signal: ctrlC.signal,
      script: { logs, down },
    });
    expect(status).toBe(130);
    expect(stdout).toMatch(/nats {5}\| Server is ready\nworker {3}\| {"msg":"done"}\n$/);
    expect(received.map(([verb]) => verb)).toEqual(['up', 'logs', 'down']);
    expect(received[2]).toEqual(['down', { volumes: false }]);
    expect(stderr).toMatch(/orders is down; its data is kept\n$/);
    expect(stoppedWith?.aborted).toBe(false);
  });

  it('ends with the environment when somebody else takes it down', async () => {
    const { status, received } = await runCli(['up', '--attach']);
    expect(status).toBe(0);
    expect(received.map(([verb]) => verb)).toEqual(['up', 'logs']);
  });
});

describe('down', () => {
  it('says what was removed and that the data is kept', async () => {
    const { stdout, received } = await runCli(['down']);
    expect(stdout).toBe(
      'orders is down (312 ms)\n  process nats (pid 11)\ndata kept; `devenv down --volumes` removes it\n',
    );
    expect(received).toEqual([['down', { volumes: false }]]);
  });

  it('--volumes', async () => {
    const { stdout, received } = await runCli(['down', '--volumes']);
    expect(stdout).not.toContain('data kept');
    expect(received).toEqual([['down', { volumes: true }]]);
  });

  it('says so when nothing runs, and succeeds', async () => {
    const down = async () => ({ environment: 'orders', removed: [], ms: 3 });
    expect(await runCli(['down'], { script: { down } })).toMatchObject({
      status: 0,
      stdout: 'orders is not running: nothing to do\n',
    });
    expect(JSON.parse((await runCli(['down', '--json'], { script: { down } })).stdout).removed).toEqual([]);
  });
});

describe('status', () => {
  it('prints services, JetStream, streams, consumers and the last probe', async () => {
    expect((await runCli(['status'])).stdout).toBe(`orders (/srv/orders) is running on the process runtime

SERVICE   STATE    HEALTH                        UPTIME  RESTARTS  PORTS                         PID  URL
nats      running  ready                         1m 01s         0  nats 4222, nats-monitor 8222  11   nats://127.0.0.1:4222
postgres  running  ready                         1m 01s         0  5432                          12   postgresql://127.0.0.1:5432/orders
api       running  ready                         1m 00s         2  8080                          13   http://127.0.0.1:8080
worker    backoff  not ready: GET /readyz → 503                 4

STORE   USED  RESERVED   LIMIT
memory    0B        0B  256MiB
file    2KiB    512MiB    1GiB

STREAM    STORE   MESSAGES  USED  RESERVED  SUBJECTS           REMARK
MESSAGES  file           3  2KiB    512MiB  messages.ingest.>
STRAY     memory         0    0B  no limit  stray.>            not declared

CONSUMER  STREAM    LAG  PENDING  UNACKED  REDELIVERED
workers   MESSAGES    2        1        1            0

last probe passed 2m 00s ago: flow passed in 84 ms
`);
  });

  it('--json is the report', async () => {
    expect(JSON.parse((await runCli(['status', '--json'])).stdout)).toEqual(STATUS);
  });

  it('of nothing says how to start', async () => {
    const services = SERVICES.map((row) => ({ ...row, state: 'absent' as const }));
    const status = { ...STATUS, running: false, runtime: null, services, jetstream: null, lastProbe: null };
    const run = await runCli(['status', '--name', 'ci'], { script: { status } });
    expect(run).toMatchObject({
      status: 0,
      stdout: 'orders (/srv/orders) is not running; devenv up --name ci starts it\n',
    });
  });
});

describe('env', () => {
  it.each([
    ['dotenv', 'NATS_URL="nats://u:p@127.0.0.1:4222"\n'],
    ['shell', "export NATS_URL='nats://u:p@127.0.0.1:4222'\n"],
    ['json', '{\n  "NATS_URL": "nats://u:p@127.0.0.1:4222"\n}\n'],
  ])('--format %s', async (format, stdout) => {
    expect(await runCli(['env', '--format', format])).toMatchObject({ status: 0, stdout, stderr: '' });
  });

  it('--user prints how one user logs in, and names the nearest of those that there are', async () => {
    const { status, stdout, received } = await runCli(['env', '--user', 'reporting']);
    expect([status, stdout]).toEqual([0, 'NATS_URL="nats://127.0.0.1:4222"\nNATS_NKEY_SEED="SU"\n']);
    expect(received).toEqual([['auth variables', 'reporting']]);
    const unknown = await runCli(['env', '--user', 'raporting']);
    expect([unknown.status, unknown.received]).toEqual([2, []]);
    expect(unknown.stderr).toContain('Did you mean reporting?');
  });

  it('--json is --format json', async () => {
    expect(JSON.parse((await runCli(['env', '--json'])).stdout)).toEqual({
      NATS_URL: 'nats://u:p@127.0.0.1:4222',
    });
  });
});

describe('logs', () => {
  it('are prefixed and aligned', async () => {
    const { stdout, received } = await runCli(['logs']);
    expect(stdout).toBe('nats     | Server is ready\nworker   | {"msg":"done"}\n');
    expect(received).toEqual([['logs', { services: [], follow: false }]]);
  });

  it('have a colour for each service', async () => {
    const { stdout } = await runCli(['logs'], { env: { FORCE_COLOR: '1' } });
    expect(stdout).toBe(
      '\u001b[36mnats     |\u001b[39m Server is ready\n\u001b[33mworker   |\u001b[39m {"msg":"done"}\n',
    );
  });

  it('--json: one object per line', async () => {
    const lines = (await runCli(['logs', '--json'])).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(LINES);
  });

  it.each([
    ['logs worker nats -f', { services: ['worker', 'nats'], follow: true }],
    ['logs --since 10m', { services: [], follow: false, since: new Date('2026-01-31T11:50:00Z') }],
    [
      'logs --since 2026-01-31T11:00:00+01:00 --tail 0',
      { services: [], follow: false, since: new Date('2026-01-31T10:00:00Z'), tail: 0 },
    ],
  ])('%s', async (line, query) => {
    expect((await runCli(line.split(' '))).received).toEqual([['logs', query]]);
  });

  it('end with 130 and without a message on Ctrl-C', async () => {
    const ctrlC = new AbortController();
    async function* logs() {
      yield* LINES;
      ctrlC.abort(new Error('SIGINT'));
    }
    const run = await runCli(['logs', '-f'], { script: { logs }, signal: ctrlC.signal });
    expect(run).toMatchObject({ status: 130, stderr: '' });
  });
});

describe('probe', () => {
  it('prints a line per probe', async () => {
    const { status, stdout, received } = await runCli(['probe', 'flow', 'restart']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'flow passed in 84 ms\n' });
    expect(received).toEqual([['probe', ['flow', 'restart']]]);
  });

  it('says once why probes were skipped', async () => {
    const [one, two] = ['flow', 'retry'].map(
      (probe) => ({ ...PASSED, probe, status: 'skipped', fix: 'no entity has items' }) as const,
    );
    const { status, stdout } = await runCli(['probe'], {
      script: { probe: async () => [one!, PASSED, two!] },
    });
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'flow passed in 84 ms\nflow, retry skipped: no entity has items\n',
    });
  });

  it('exits with 6 when one fails, in JSON as well', async () => {
    const script = { probe: async () => [PASSED, FAILED] };
    const { status, stderr } = await runCli(['probe'], { script });
    expect(status).toBe(6);
    expect(stderr).toBe(
      'error: Messages do not flow: flow at "stream MESSAGES holds it".\nhint: `devenv logs` shows what the services say.\n',
    );
    const json = await runCli(['probe', '--json'], { script });
    expect(json.status).toBe(6);
    expect(JSON.parse(json.stdout)).toEqual([PASSED, FAILED]);
  });

  it('--list', async () => {
    expect((await runCli(['probe', '--list'])).stdout).toBe(`PROBE      RUNS        WHAT IT PROVES
flow       by default  An order becomes rows.
duplicate  by default  The same key twice is one row.
restart    on request  A killed server loses nothing.
`);
  });

  it('--timeout ends probes that do not end', async () => {
    const probe = (_names: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    // As it was written, whatever the unit.
    expect(await runCli(['probe', '--timeout', '0.02s'], { script: { probe } })).toMatchObject({
      status: 6,
      stderr:
        'error: The probes did not end within 20ms.\nhint: Allow more with --timeout, or run them one by one.\n',
    });
  });
});

it('restart prints the services', async () => {
  const { stdout, received } = await runCli(['restart', 'worker', '--timeout', '5s']);
  expect(stdout).toMatch(/^SERVICE {3}STATE/);
  expect(received).toEqual([['restart', ['worker'], { timeoutMs: 5_000 }]]);
  expect(JSON.parse((await runCli(['restart', '--json'])).stdout)).toEqual(SERVICES);
});

it('generate writes where it was told, from where devenv was started or -C says', async () => {
  const { stdout, received } = await runCli(['generate', '--out', 'deploy', '--force', '-C', 'sub']);
  expect(received).toEqual([['generate', '/srv/orders/sub/deploy', { force: true }]]);
  expect(stdout).toBe(
    'wrote into deploy:\n  compose.yaml\n  nats.conf\nstart it with: docker compose -f deploy/compose.yaml up\n',
  );
});

describe('the global options', () => {
  it('are understood before and after the verb', async () => {
    for (const line of [
      '--name ci --config a/b.yaml -C sub status',
      'status --name ci --config a/b.yaml -C sub',
    ]) {
      expect((await runCli(line.split(' '))).opened).toMatchObject([
        { cwd: '/srv/orders/sub', name: 'ci', configFile: '/srv/orders/sub/a/b.yaml' },
      ]);
    }
  });

  it('--no-color beats FORCE_COLOR, NO_COLOR beats a terminal', async () => {
    const env = { FORCE_COLOR: '1' };
    expect((await runCli(['status'], { env })).stdout).toContain('\u001b[');
    expect((await runCli(['status', '--no-color'], { env })).stdout).not.toContain('\u001b[');
    expect((await runCli(['status'], { columns: 80 })).stdout).toContain('\u001b[');
    expect((await runCli(['status'], { columns: 80, env: { NO_COLOR: '1' } })).stdout).not.toContain(
      '\u001b[',
    );
  });

  it('--quiet keeps results', async () => {
    const { stdout, stderr } = await runCli(['up', '--quiet']);
    expect(stdout).toContain('orders is up');
    expect(stderr).toBe('');
  });

  it('a narrow terminal gets narrow tables, a file never', async () => {
    const longest = (text: string) =>
      Math.max(
        ...text
          .split('\n')
          .slice(2, 7)
          .map((line) => line.length),
      );
    const env = { NO_COLOR: '1' };
    expect(longest((await runCli(['up'], { columns: 76, env })).stdout)).toBeLessThanOrEqual(76);
    expect(longest((await runCli(['up'], { env })).stdout)).toBeGreaterThan(76);
  });
});

describe('help', () => {
  it.each(commands.map(({ name, examples }) => [name, examples] as const))(
    'of %s has its examples',
    async (name, examples) => {
      expect(examples.length).toBeGreaterThan(0);
      const { status, stdout, opened } = await runCli([name, '--help']);
      expect(status).toBe(0);
      expect(opened).toEqual([]);
      for (const { command } of examples) expect(stdout).toContain(command);
      expect((await runCli(['help', name])).stdout).toBe(stdout);
    },
  );

  it('lists every verb', async () => {
    const { stdout } = await runCli(['--help']);
    for (const { name, summary } of commands) {
      expect(stdout.replace(/\n {10,}/g, ' ')).toContain(`  ${name.padEnd(22)} ${summary}`);
    }
  });

  it('--version', async () => {
    expect(await runCli(['--version'])).toMatchObject({ status: 0, stdout: '1.2.3\n' });
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s names every verb and every option', async (shell) => {
    const { status, stdout } = await runCli(['completion', shell]);
    expect(status).toBe(0);
    for (const { name, options } of commands) {
      expect(stdout).toContain(name);
      for (const { flags, hidden } of Object.values(options)) {
        const long = /--([\w-]+)/.exec(flags)![1]!;
        if (hidden !== true) expect(stdout).toMatch(new RegExp(`(--|-l )${long}\\b`));
      }
    }
  });

  it('lists the names of the project for the scripts', async () => {
    expect((await runCli(['completion', '--list', 'services'])).stdout).toBe('nats\npostgres\napi\nworker\n');
    expect((await runCli(['completion', '--list', 'probes'])).stdout).toBe('flow\nduplicate\nrestart\n');
  });
});

it('the key of every option is the name that the parser gives it', async () => {
  const { Option } = await import('commander');
  const { globalOptions } = await import('../../../src/cli/global-options.ts');
  for (const options of [globalOptions, ...commands.map((command) => command.options)]) {
    for (const [key, { flags }] of Object.entries(options))
      expect(new Option(flags).attributeName()).toBe(key);
  }
});
