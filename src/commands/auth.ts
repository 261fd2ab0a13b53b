import { DevenvError, EXIT } from '../errors.ts';
import { authListLines, authTestLines, rotateLines } from '../ui/auth-report.ts';
import { defineCommand, duration, expectKnown } from './command.ts';

const ACTIONS = ['list', 'rotate', 'test'] as const;

export const auth = defineCommand({
  name: 'auth',
  summary: 'who may do what on NATS: list, rotate, test',
  description:
    'list prints every NATS user with its account, how it logs in and what it may do, without secrets. rotate makes ' +
    'new credentials for all users, or the named ones: the servers read them while they run, the services that use ' +
    'them are restarted, and the old ones are tried, to be ' +
    'refused. test really connects as every user, tries what must be allowed and what must be denied, and exits with ' +
    '7 when something comes out otherwise than declared; it stores and delivers nothing.',
  arguments: [
    {
      name: 'action',
      description: 'list, rotate or test',
      required: true,
      completion: { kind: 'one-of', values: ACTIONS },
    },
    { name: 'user', description: 'only these users', variadic: true, completion: { kind: 'free' } },
  ],
  options: {
    timeout: duration(
      '--timeout <duration>',
      'how long services may take to become ready after rotate',
      '60s',
    ),
  },
  examples: [
    { command: 'devenv auth list', meaning: 'everybody, and what each may do' },
    { command: 'devenv auth test', meaning: 'the running servers against the declaration' },
    { command: 'devenv auth rotate reporting', meaning: 'a new password or key pair for one user' },
  ],
  async run(context, { args, options }) {
    const [action = '', ...names] = args;
    expectKnown('USAGE', 'action of auth', [action], ACTIONS);
    const { engine } = await context.open();
    const users = engine.auth.users();
    expectKnown(
      'USAGE',
      'NATS user',
      names,
      users.map(({ name }) => name),
    );
    const call = { emit: context.emit, signal: context.signal };
    if (action === 'list') {
      const shown = users.filter(({ name }) => names.length === 0 || names.includes(name));
      await context.result(shown, (report) => authListLines(shown, report));
      return EXIT.ok;
    }
    if (action === 'rotate') {
      const result = await engine.auth.rotate(names, { timeoutMs: options.timeout }, call);
      await context.result(result, (report) => rotateLines(result, report));
      return EXIT.ok;
    }
    const result = await engine.auth.test(names, call);
    await context.result(result, (report) => authTestLines(result, report));
    if (result.differences === 0) return EXIT.ok;
    throw new DevenvError(
      'FINDINGS',
      `The servers do not do what is declared: ${result.differences} of ${result.trials} trials came out otherwise.`,
      {
        hint:
          'After a change of devenv.yaml: `devenv up`. When a nats.conf of the environment was edited by hand: `devenv down`, ' +
          'then `devenv up` writes it anew; the data is kept.',
      },
    );
  },
});
