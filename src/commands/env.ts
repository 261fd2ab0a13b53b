import { EXIT } from '../errors.ts';
import { VARIABLE_FORMATS, variablesText } from '../ui/variables.ts';
import { defineCommand, expectKnown, oneOf } from './command.ts';

export const env = defineCommand({
  name: 'env',
  summary: 'print the URLs of the running environment as variables',
  description:
    "Prints NATS_URL (devenv's own user, who may do everything in the first account), NATS_URL_<ACCOUNT> for each " +
    'other account, NATS_SYSTEM_URL for the system account, NATS_MONITOR_URL, DATABASE_URL and the URL of each ' +
    'service; with TLS also the files of the certificates, as NATS_CA, NATS_CERT and NATS_KEY. For a shell, ' +
    'an env file or a program: those of devenv itself, which may do everything. With --user, only what one user of NATS ' +
    'needs. --json is the same as --format json.',
  arguments: [],
  options: {
    format: oneOf('--format <format>', 'dotenv, shell or json', VARIABLE_FORMATS, 'dotenv'),
    user: {
      flags: '--user <name>',
      description: 'only how this user of `devenv auth list` logs in to NATS',
      default: undefined as string | undefined,
      completion: { kind: 'free' },
      parse: (text: string) => text,
    },
  },
  examples: [
    { command: 'eval "$(devenv env --format shell)"', meaning: 'into this shell' },
    { command: 'devenv env > .env.local', meaning: 'into an env file' },
    { command: 'devenv env --json | jq -r .DATABASE_URL', meaning: 'one of them' },
    { command: 'devenv env --user reporting', meaning: 'NATS_URL, or NATS_NKEY_SEED, of one user' },
  ],
  async run(context, { options }) {
    const { engine } = await context.open();
    const call = { emit: context.emit, signal: context.signal };
    const { user } = options;
    if (user !== undefined) {
      const users = engine.auth.users().map(({ name }) => name);
      expectKnown('USAGE', 'NATS user', [user], users);
    }
    const variables = await (user === undefined ? engine.variables(call) : engine.auth.variables(user, call));
    await context.endProgress();
    context.write(variablesText(variables, context.json ? 'json' : options.format));
    return EXIT.ok;
  },
});
