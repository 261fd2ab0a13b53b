import { join, relative, resolve } from 'node:path';
import { DevenvError, EXIT } from '../errors.ts';
import { defineCommand, flag, type OptionSpec } from './command.ts';

const out: OptionSpec<string | undefined> = {
  flags: '--out <directory>',
  description: 'where to write; made when it is not there',
  default: undefined,
  completion: { kind: 'directory' },
  parse: (text) => {
    if (text === '') throw new Error('Expected a folder.');
    return text;
  },
};

export const generate = defineCommand({
  name: 'generate',
  summary: 'write files that run without devenv',
  description:
    'Writes compose.yaml, nats.conf, .env and what they need, so that plain `docker compose up` brings the same stack ' +
    'up on a machine without devenv.',
  arguments: [],
  options: { out, force: flag('--force', 'write over files that are there') },
  examples: [
    { command: 'devenv generate --out deploy', meaning: 'then: docker compose -f deploy/compose.yaml up' },
    { command: 'devenv generate --out deploy --force', meaning: 'again, after devenv.yaml has changed' },
  ],
  async run(context, { options }) {
    if (options.out === undefined) {
      throw new DevenvError('USAGE', 'generate needs to know where to write: --out <directory> is missing.', {
        hint: 'For example: devenv generate --out deploy',
      });
    }
    const directory = resolve(context.cwd, options.out);
    const { engine } = await context.open();
    const files = await engine.generate(
      directory,
      { force: options.force },
      { emit: context.emit, signal: context.signal },
    );
    const shown = (path: string): string => relative(context.cwd, path) || '.';
    await context.result({ directory, files }, ({ style }) => [
      `wrote into ${style.bold(shown(directory))}:`,
      ...files.map((file) => `  ${relative(directory, resolve(directory, file))}`),
      style.dim(`start it with: docker compose -f ${shown(join(directory, 'compose.yaml'))} up`),
    ]);
    return EXIT.ok;
  },
});
