import { type Command as Commander, CommanderError } from 'commander';
import type { Command } from '../commands/command.ts';
import { DevenvError } from '../errors.ts';
import { nearest } from '../topology/nearest.ts';

/** No verb, a mistyped verb, or an option of a verb before any verb. */
export function refuseStrangeStart(args: readonly string[], commands: readonly Command[]): never {
  const verbs = commands.map(({ name }) => name);
  const [first] = args;
  if (first === undefined) {
    throw new DevenvError('USAGE', 'A verb is missing.', {
      details: commands.map(({ name, summary }) => `${name.padEnd(12)}${summary}`),
      hint: 'Start with `devenv up`; `devenv <verb> --help` explains a verb.',
    });
  }
  if (first.startsWith('-')) {
    throw new DevenvError('USAGE', `There is no option ${first} before the verb.`, {
      hint: 'Options of a verb come after it; `devenv --help` lists those that all verbs have.',
    });
  }
  const meant = nearest(first, verbs);
  throw new DevenvError('USAGE', `There is no verb ${JSON.stringify(first)}.`, {
    hint:
      meant === undefined
        ? `Verbs are ${verbs.join(', ')}; \`devenv --help\` explains them.`
        : `Did you mean \`devenv ${meant}\`?`,
  });
}

/**
 * What commander throws, in the words of this house: its `error: unknown option '--jsn'\n(Did you mean --json?)` is
 * taken apart into a sentence and a hint. Help and version, which it throws as well, are no errors.
 */
export function usageError(error: unknown, argv: readonly string[], program: Commander): void {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return;
  const [text = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest.join(' ').replace(/^\(|\)$/g, '');
  const verb = argv.find((word) => program.commands.some((command) => command.name() === word));
  const lookUp = `\`devenv ${verb === undefined ? '' : `${verb} `}--help\` lists what there is.`;
  throw new DevenvError('USAGE', sentence(text), {
    hint: suggestion === '' ? lookUp : `${suggestion} ${lookUp}`,
    cause: error,
  });
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
