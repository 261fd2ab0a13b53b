import { flag, type OptionSpec, type OptionSpecs, type OptionValues } from '../commands/command.ts';

const text = (
  flags: string,
  description: string,
  kind: 'file' | 'directory' | 'free',
): OptionSpec<string | undefined> => ({
  flags,
  description,
  default: undefined,
  completion: { kind },
  parse: (value) => {
    if (value === '') throw new Error('It is empty.');
    return value;
  },
});

/** Understood with every verb, before it and after it. */
export const globalOptions = {
  name: text('--name <environment>', 'which environment (default: the name of the project)', 'free'),
  config: text('--config <file>', 'the project file (default: devenv.yaml, looked for upwards)', 'file'),
  directory: text('-C, --directory <dir>', 'run as if started there', 'directory'),
  json: flag('--json', 'one JSON document on stdout, NDJSON events on stderr'),
  color: flag('--no-color', 'no colours (also: NO_COLOR=1; FORCE_COLOR=1 for the opposite)'),
  verbose: flag('--verbose', 'tell every step, and the stack of unexpected errors'),
  quiet: flag('--quiet', 'no progress, only results, warnings and errors'),
} satisfies OptionSpecs;

export type GlobalValues = OptionValues<typeof globalOptions>;
