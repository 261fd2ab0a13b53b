import { EXIT } from '../errors.ts';
import { defineCommand, expectKnown } from './command.ts';

export const help = defineCommand({
  name: 'help',
  summary: 'explain devenv or one of its verbs',
  description: 'The same as --help.',
  arguments: [{ name: 'verb', description: 'the verb to explain', completion: { kind: 'verbs' } }],
  options: {},
  examples: [{ command: 'devenv help up', meaning: 'the same as devenv up --help' }],
  async run(context, { args: [verb] }) {
    if (verb !== undefined) {
      expectKnown(
        'USAGE',
        'verb',
        [verb],
        context.grammar.verbs.map(({ name }) => name),
      );
    }
    context.printHelp(verb);
    return EXIT.ok;
  },
});
