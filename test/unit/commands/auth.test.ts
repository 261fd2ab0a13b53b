import { describe, expect, it } from 'vitest';
import { AUTH_REPORT } from '../../helpers/fake-engine.ts';
import { runCli } from '../../helpers/run-cli.ts';

describe('auth list', () => {
  it('prints everybody with what each may do', async () => {
    const { status, stdout, received } = await runCli(['auth', 'list']);
    expect(status).toBe(0);
    expect(stdout).toBe(`USER       ACCOUNT  LOG-IN    WHO            MAY
devenv     APP      password  devenv itself  everything in its account
reporting  APP      nkey      mailer         publish to 1, subscribe to 1

reporting
  publish    mail.sent
  subscribe  _INBOX.>
`);
    expect(received).toEqual([]);
  });

  it('of some, in JSON', async () => {
    const { stdout } = await runCli(['auth', 'list', 'reporting', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'reporting', permissions: { allowResponses: false } }]);
  });
});

describe('auth test', () => {
  it('prints the matrix and succeeds', async () => {
    const { status, stdout, received } = await runCli(['auth', 'test', 'reporting']);
    expect(status).toBe(0);
    expect(stdout).toBe(`USER       ACCOUNT  LOG-IN    WRONG LOG-IN  ALLOWED  DENIED
reporting  APP      accepted  refused           0/0     1/1

2 trials, all as declared (12 ms)
`);
    expect(received).toEqual([['auth test', ['reporting']]]);
  });

  it('names each difference and exits with 7, in JSON as well', async () => {
    const [user] = AUTH_REPORT.users;
    const trials = user!.trials.map((trial) => ({ ...trial, seen: 'allowed' as const }));
    const authTest = { ...AUTH_REPORT, users: [{ ...user!, trials }], differences: 1 };
    const { status, stdout, stderr } = await runCli(['auth', 'test'], { script: { authTest } });
    expect(status).toBe(7);
    expect(stdout).toContain(
      '✗ reporting publish $JS.API.STREAM.DELETE.MESSAGES: expected denied, seen allowed\n  deletes MESSAGES; Permissions Violation\n',
    );
    expect(stderr).toContain('1 of 2 trials came out otherwise');
    const json = await runCli(['auth', 'test', '--json'], { script: { authTest } });
    expect([json.status, JSON.parse(json.stdout)]).toEqual([7, authTest]);
  });
});

describe('auth test of a server that does not answer', () => {
  it('tells the one cause once for each user', async () => {
    const [user] = AUTH_REPORT.users;
    const [trial] = user!.trials;
    const silent = { ...trial!, seen: 'unknown' as const, detail: 'connection refused' };
    const authTest = {
      ...AUTH_REPORT,
      users: [{ ...user!, trials: [silent, silent, silent] }],
      differences: 3,
    };
    const { status, stdout } = await runCli(['auth', 'test'], { script: { authTest } });
    expect(status).toBe(7);
    expect(stdout).toContain('✗ reporting: 3 trials told nothing\n  connection refused\n');
    expect(stdout).not.toContain('expected allowed');
  });
});

describe('auth rotate', () => {
  it('says for whom, and where the new ones are', async () => {
    const { status, stdout, received } = await runCli(['auth', 'rotate', 'reporting', '--timeout', '5s']);
    expect(status).toBe(0);
    expect(stdout).toContain('new credentials for reporting; the old ones are refused (900 ms)\n');
    expect(received).toEqual([['auth rotate', ['reporting'], { timeoutMs: 5_000 }]]);
  });
});

it.each([
  [['auth', 'tset'], /There is no action of auth "tset"; .*\n.*Did you mean test\?/],
  [['auth', 'test', 'raporting'], /There is no NATS user "raporting"; .*\n.*Did you mean reporting\?/],
  [['auth'], /action/],
])('devenv %j exits with 2 and says what is expected', async (line, message) => {
  const { status, stderr, received } = await runCli(line);
  expect([status, received]).toEqual([2, []]);
  expect(stderr).toMatch(message);
});
