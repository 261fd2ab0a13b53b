import { Option } from 'commander';
import type { Command, OptionSpec, OptionSpecs } from '../commands/command.ts';
import type { Grammar, GrammarOption } from '../ui/grammar.ts';
import { globalOptions } from './global-options.ts';

/** The command line as data, from the same declarations that the parser is made of. */
export function grammarOf(commands: readonly Command[]): Grammar {
  const verbs = commands.map(({ name }) => name);
  return {
    program: 'devenv',
    globals: [
      ...optionsOf(globalOptions),
      { short: '-h', long: '--help', summary: 'explain it' },
      { short: '-V', long: '--version', summary: 'print the version' },
    ],
    verbs: commands.map((command) => ({
      name: command.name,
      summary: command.summary,
      options: optionsOf(command.options),
      arguments: command.arguments.map(({ name, variadic = false, completion }) => ({
        name,
        variadic,
        values: completion.kind === 'verbs' ? { kind: 'one-of', values: verbs } : completion,
      })),
    })),
  };
}

const optionsOf = (specs: OptionSpecs): GrammarOption[] =>
  Object.values(specs)
    .filter(({ hidden }) => hidden !== true)
    .map(optionOf);

function optionOf({ flags, description, parse, completion }: OptionSpec<unknown>): GrammarOption {
  const { short, long } = new Option(flags);
  return {
    ...(short === undefined ? {} : { short }),
    ...(long === undefined ? {} : { long }),
    summary: description,
    ...(parse === undefined ? {} : { value: completion ?? { kind: 'free' } }),
  };
}
