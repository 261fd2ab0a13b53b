import { Argument, Command as Commander, InvalidArgumentError, Option } from 'commander';
import type { Command, Input, OptionSpec, OptionSpecs } from '../commands/command.ts';
import { type GlobalValues, globalOptions } from './global-options.ts';
import { refuseStrangeStart, usageError } from './usage-error.ts';

export interface Invocation {
  command: Command;
  input: Input<OptionSpecs>;
  globals: GlobalValues;
}

export interface ProgramOptions {
  version: string;
  /** Where help and version are printed, and how wide it is. */
  write: (text: string) => void;
  width: number;
  onInvocation: (invocation: Invocation) => void;
}

/**
 * commander's program, made from the declarations of the verbs. It only parses: what was asked for is handed to
 * `onInvocation`, and every mistake comes out of `parse` as a DevenvError.
 */
export function createProgram(commands: readonly Command[], options: ProgramOptions): Commander {
  const program = new Commander('devenv');
  program
    .description(
      'Brings up a local NATS JetStream, Postgres, ingestion API and worker, and proves that messages flow.',
    )
    .usage('<verb> [options]')
    .helpCommand(false)
    .helpOption('-h, --help', 'print this help; after a verb, the help of the verb')
    .version(options.version, '-V, --version', 'print the version')
    .configureHelp({ helpWidth: options.width, subcommandTerm: (sub) => sub.name() })
    .commandsGroup('Verbs:')
    .configureOutput({ writeOut: options.write, writeErr: () => {}, outputError: () => {} })
    .exitOverride()
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[verb]')
    .action(() => refuseStrangeStart(program.args, commands))
    .addHelpText(
      'after',
      '\nExamples:\n  devenv up                    bring everything up and probe it\n' +
        '  devenv up --help             options and examples of a verb\n' +
        '  eval "$(devenv env --format shell)"\n',
    );
  addOptions(program, globalOptions);
  for (const command of commands) program.addCommand(subcommand(command, program, options));
  return program;
}

/** Parses; throws a DevenvError with USAGE. Returns when the action was called, or help or version printed. */
export function parse(program: Commander, argv: readonly string[]): void {
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    usageError(error, argv, program);
  }
}

function subcommand(
  command: Command,
  program: Commander,
  { width, onInvocation }: ProgramOptions,
): Commander {
  const sub = new Commander(command.name);
  sub
    .copyInheritedSettings(program)
    .allowUnknownOption(false)
    .allowExcessArguments(false)
    .configureHelp({ showGlobalOptions: true, helpWidth: width })
    .helpOption('-h, --help', 'print this help')
    .summary(command.summary)
    .description(command.description)
    .addHelpText('after', examplesText(command))
    .action(() => {
      onInvocation({
        command,
        input: { args: sub.args, options: sub.opts() },
        globals: program.opts<GlobalValues>(),
      });
    });
  for (const { name, description, required = false, variadic = false } of command.arguments) {
    const word = `${name}${variadic ? '...' : ''}`;
    sub.addArgument(new Argument(required ? `<${word}>` : `[${word}]`, description));
  }
  addOptions(sub, command.options);
  return sub;
}

function addOptions(command: Commander, specs: OptionSpecs): void {
  for (const spec of Object.values(specs)) {
    const option = commanderOption(spec);
    command.addOption(option);
    // Given to the option itself, help would say `(default: false)` at every flag.
    if (isNothing(spec.default)) {
      command.setOptionValueWithSource(option.attributeName(), spec.default, 'default');
    }
  }
}

const isNothing = (preset: unknown): boolean =>
  preset === undefined || preset === false || (Array.isArray(preset) && preset.length === 0);

function commanderOption(spec: OptionSpec<unknown>): Option {
  const option = new Option(spec.flags, spec.description).hideHelp(spec.hidden === true);
  if (!isNothing(spec.default)) option.default(spec.default, spec.shownDefault);
  const { parse } = spec;
  if (parse === undefined) return option;
  return option.argParser((text, previous: unknown) => {
    try {
      return parse(text, previous);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  });
}

function examplesText({ examples }: Command): string {
  const room = Math.max(...examples.map(({ command }) => command.length));
  const lines = examples.map(({ command, meaning }) => `  ${command.padEnd(room)}  # ${meaning}`);
  return `\nExamples:\n${lines.join('\n')}\n`;
}
