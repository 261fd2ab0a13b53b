import { resolve } from 'node:path';
import type { Command } from '../commands/command.ts';
import type { CommandContext, OpenDoctor, OpenProject } from '../commands/context.ts';
import { DevenvError, describeError, EXIT, type ExitStatus, exitStatusOf } from '../errors.ts';
import { errorLines } from '../ui/error-text.ts';
import type { Progress } from '../ui/progress.ts';
import { createProgress, progressMode } from '../ui/progress-modes.ts';
import { ndjsonLine } from '../ui/progress-ndjson.ts';
import { printable } from '../ui/safe-text.ts';
import { createStyle, type Style, wantsColour } from '../ui/style.ts';
import { grammarOf } from './grammar.ts';
import { asInvoked, invocationOf } from './invocation.ts';
import { createProgram, type Invocation, parse } from './program.ts';

/** The process as the CLI sees it; tests pass a made-up one. */
export interface World {
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdout: Terminal;
  stderr: Terminal;
  /** Aborts with INTERRUPTED. */
  signal: AbortSignal;
  packageRoot: string;
  version: string;
  openProject: OpenProject;
  openDoctor: OpenDoctor;
  /** Default: there is none. */
  stdin?: Input;
  now(): number;
}

export interface Terminal {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Standard input. */
export interface Input {
  isTTY: boolean;
  /** Ends with the stream; rejects when the signal aborts. */
  text(signal: AbortSignal): Promise<string>;
  /** One line that was typed. */
  line(prompt: string, signal: AbortSignal): Promise<string>;
}

export interface Run {
  /** Never rejects: every error has been printed. */
  status: Promise<ExitStatus>;
  /** Gives the terminal back at once, for a process that is about to exit. */
  abandon(): void;
}

const FALLBACK_WIDTH = 80;

/** Parses, runs the verb and prints what goes wrong. */
export function run(commands: readonly Command[], world: World): Run {
  let progress: Progress | undefined;
  async function main(): Promise<ExitStatus> {
    let invocation: Invocation | undefined;
    const write = (text: string) => world.stdout.write(text);
    const program = createProgram(commands, {
      version: world.version,
      write,
      width: world.stdout.columns || FALLBACK_WIDTH,
      onInvocation: (asked) => {
        invocation = asked;
      },
    });
    try {
      parse(program, world.argv);
      if (invocation === undefined) return EXIT.ok;
      const { globals, command, input } = invocation;
      progress = startProgress(invocation, world);
      const printHelp = (verb?: string): void =>
        (program.commands.find((sub) => sub.name() === verb) ?? program).outputHelp();
      return await command.run(createContext(commands, globals, progress, printHelp, world), input);
    } catch (error) {
      await progress?.end();
      return report(error, invocation, world);
    } finally {
      await progress?.end();
    }
  }
  return { status: main(), abandon: () => progress?.abandon() };
}

function startProgress({ globals }: Invocation, world: World): Progress {
  const { json, quiet, verbose } = globals;
  const mode = progressMode({
    json,
    quiet,
    verbose,
    env: world.env,
    isTTY: world.stderr.isTTY === true,
    columns: world.stderr.columns ?? 0,
  });
  return createProgress(mode, {
    stderr: world.stderr,
    style: styleFor(world.stderr, globals.color, world),
    now: world.now,
    verbose,
  });
}

function createContext(
  commands: readonly Command[],
  globals: Invocation['globals'],
  progress: Progress,
  printHelp: CommandContext['printHelp'],
  world: World,
): CommandContext {
  const cwd = resolve(world.cwd, globals.directory ?? '.');
  const style = styleFor(world.stdout, globals.color, world);
  const width =
    world.stdout.isTTY === true && world.stdout.columns ? world.stdout.columns : Number.POSITIVE_INFINITY;
  const report = { style, width, invocation: invocationOf(globals, world.env) };
  const opening = {
    cwd,
    env: world.env,
    emit: progress.emit,
    ...(globals.name === undefined ? {} : { name: globals.name }),
    ...(globals.config === undefined ? {} : { configFile: resolve(cwd, globals.config) }),
  };
  return {
    cwd,
    report,
    printHelp,
    emit: progress.emit,
    signal: world.signal,
    json: globals.json,
    grammar: grammarOf(commands),
    packageRoot: world.packageRoot,
    now: world.now,
    endProgress: () => progress.end(),
    write: (text) => world.stdout.write(text),
    print: (lines) => {
      world.stdout.write(`${printable(lines.join('\n'), { colour: style.coloured })}\n`);
    },
    async confirm(question) {
      const { stdin, stderr } = world;
      if (stdin?.isTTY !== true || stderr.isTTY !== true) return undefined;
      await progress.end();
      return /^\s*y(es)?\s*$/i.test(await stdin.line(`${question} [y/N] `, world.signal));
    },
    async readStdin() {
      const { stdin } = world;
      if (stdin === undefined || stdin.isTTY) {
        throw new DevenvError('USAGE', 'Standard input is a terminal: there is nothing to read.', {
          hint: 'Pipe something into the command, or name what it is about.',
        });
      }
      return stdin.text(world.signal);
    },
    doctor: () => world.openDoctor(opening),
    async result(value, text) {
      await progress.end();
      const lines = globals.json ? JSON.stringify(value, null, 2) : text(report).join('\n');
      // JSON escapes control characters by itself.
      world.stdout.write(`${globals.json ? lines : printable(lines, { colour: style.coloured })}\n`);
    },
    open: (options) => world.openProject({ ...opening, ...options }),
  };
}

/** Prints an error on stderr, as a last event with `--json`, and says with which status to exit. */
function report(error: unknown, invocation: Invocation | undefined, world: World): ExitStatus {
  // After Ctrl-C whatever comes out is a consequence of it: an AbortError, a closed connection.
  const interrupted = world.signal.aborted && !(error instanceof DevenvError);
  const told = interrupted ? world.signal.reason : error;
  const status = world.signal.aborted ? EXIT.interrupted : exitStatusOf(told);
  const shape = describeError(told);
  // When parsing failed there are no parsed options to ask.
  const asked = (option: string): boolean => world.argv.includes(option);
  if (invocation?.globals.json ?? asked('--json')) {
    world.stderr.write(
      ndjsonLine({ type: 'error', ...shape, exit: status } as { type: string }, world.now()),
    );
    return status;
  }
  const verbose = invocation?.globals.verbose ?? asked('--verbose');
  const style = styleFor(world.stderr, invocation?.globals.color ?? !asked('--no-color'), world);
  const callAgain = invocationOf(invocation?.globals ?? {}, world.env);
  const hint = shape.hint === undefined ? {} : { hint: asInvoked(shape.hint, callAgain) };
  const lines = errorLines(
    { ...shape, ...hint },
    {
      style,
      ...(verbose && shape.code === 'INTERNAL' && told instanceof Error && told.stack !== undefined
        ? { stack: told.stack }
        : {}),
      ...(verbose ? { causes: causesOf(told) } : {}),
    },
  );
  world.stderr.write(`${lines.join('\n')}\n`);
  return status;
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  for (let cause = causeOf(error); cause !== undefined && causes.length < 10; cause = causeOf(cause)) {
    causes.push(cause instanceof Error ? cause.message : String(cause));
  }
  return causes;
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

const styleFor = (stream: Terminal, flag: boolean, { env }: World): Style =>
  createStyle(wantsColour(env, { flag, isTTY: stream.isTTY === true }));
