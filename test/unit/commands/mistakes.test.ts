import { describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.ts';

/** What was typed → what is said. */
const MISTAKES: readonly (readonly [line: string, said: string])[] = [
  ['upp', 'error: There is no verb "upp".\nhint: Did you mean `devenv up`?\n'],
  ['stauts --json-', 'error: There is no verb "stauts".\nhint: Did you mean `devenv status`?\n'],
  ['stat', 'error: There is no verb "stat".\nhint: Did you mean `devenv status`?\n'],
  [
    'frobnicate',
    'error: There is no verb "frobnicate".\nhint: Verbs are up, down, status, env, logs, probe, doctor, explain, auth, topology, restart, generate, init, completion, help; `devenv --help` explains them.\n',
  ],
  [
    'up --dry-rn',
    "error: Unknown option '--dry-rn'.\nhint: Did you mean --dry-run? `devenv up --help` lists what there is.\n",
  ],
  [
    'up --jsn',
    "error: Unknown option '--jsn'.\nhint: Did you mean --json? `devenv up --help` lists what there is.\n",
  ],
  [
    '--nme x up',
    'error: There is no option --nme before the verb.\nhint: Options of a verb come after it; `devenv --help` lists those that all verbs have.\n',
  ],
  [
    'up --runtime dockr',
    "error: Option '--runtime <kind>' argument 'dockr' is invalid. Expected auto, docker or process. Did you mean docker?\nhint: `devenv up --help` lists what there is.\n",
  ],
  [
    'env --format yaml',
    "error: Option '--format <format>' argument 'yaml' is invalid. Expected dotenv, shell or json.\nhint: `devenv env --help` lists what there is.\n",
  ],
  [
    'up --timeout 60',
    "error: Option '--timeout <duration>' argument '60' is invalid. 60: has no unit; write ms, s, m, h or d, for example 60s.\nhint: `devenv up --help` lists what there is.\n",
  ],
  [
    'probe --timeout 0s',
    "error: Option '--timeout <duration>' argument '0s' is invalid. 0s: must be longer than nothing.\nhint: `devenv probe --help` lists what there is.\n",
  ],
  [
    'logs --since yesterday',
    "error: Option '--since <time>' argument 'yesterday' is invalid. Expected a duration such as 90s, 10m or 2h, or a time such as 2026-01-31T12:00:00Z.\nhint: `devenv logs --help` lists what there is.\n",
  ],
  [
    'logs --tail -1',
    "error: Option '--tail <lines>' argument '-1' is invalid. Expected a number of lines: 0, 1, 2 and so on.\nhint: `devenv logs --help` lists what there is.\n",
  ],
  [
    'logs --since',
    "error: Option '--since <time>' argument missing.\nhint: `devenv logs --help` lists what there is.\n",
  ],
  [
    'status extra',
    "error: Too many arguments for 'status'. Expected 0 arguments but got 1.\nhint: `devenv status --help` lists what there is.\n",
  ],
  [
    'logs workr apj',
    'error: There is no service "workr", "apj"; there are nats, postgres, api and worker.\nhint: Did you mean worker or api?\n',
  ],
  ['restart kafka', 'error: There is no service "kafka"; there are nats, postgres, api and worker.\n'],
  [
    'probe flwo',
    'error: There is no probe "flwo"; there are flow, duplicate and restart.\nhint: Did you mean flow?\n',
  ],
  [
    'generate',
    'error: generate needs to know where to write: --out <directory> is missing.\nhint: For example: devenv generate --out deploy\n',
  ],
  [
    'completion bsh',
    'error: There is no completion for the shell "bsh"; there are bash, zsh and fish.\nhint: Did you mean bash?\n',
  ],
  [
    'help upp',
    'error: There is no verb "upp"; there are up, down, status, env, logs, probe, doctor, explain, auth, topology, restart, generate, init, completion and help.\nhint: Did you mean up?\n',
  ],
  [
    'up --attach --dry-run',
    'error: --attach cannot be combined with --dry-run.\nhint: Leave one of the two out; `devenv logs -f --json` follows the logs of a running environment as JSON.\n',
  ],
];

describe.each(MISTAKES)('devenv %s', (line, said) => {
  it('exits with 2 and says what was read, what is expected, what to do', async () => {
    const { status, stdout, stderr, received } = await runCli(line.split(' '));
    expect({ status, stdout, stderr, received }).toEqual({
      status: 2,
      stdout: '',
      stderr: said,
      received: [],
    });
  });
});

it('without a verb it lists the verbs and exits with 2', async () => {
  const { status, stderr } = await runCli([]);
  expect(status).toBe(2);
  expect(stderr).toContain('error: A verb is missing.\n  up          bring the environment up');
});

it('mistakes of parsing are events with --json, wherever it stands', async () => {
  for (const args of [
    ['--json', 'upp'],
    ['up', '--foo', '--json'],
  ]) {
    const { stdout, stderr } = await runCli(args);
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({ type: 'error', code: 'USAGE', exit: 2 });
  }
});

it('a value that is empty is refused', async () => {
  for (const args of [
    ['up', '--name', ''],
    ['status', '--config', ''],
    ['generate', '--out', ''],
  ]) {
    expect(await runCli(args)).toMatchObject({ status: 2, received: [], opened: [] });
  }
});
