import { DevenvError, type ErrorCode, type ExitStatus } from '../errors.ts';
import { parseDuration } from '../topology/durations.ts';
import { nearest } from '../topology/nearest.ts';
import type { Values as Completions } from '../ui/grammar.ts';
import type { CommandContext } from './context.ts';

/** A verb: all that help, completion and parsing need to know of it, and what it does. */
export interface Command<O extends OptionSpecs = OptionSpecs> {
  name: string;
  /** A few words for the list of verbs. */
  summary: string;
  /** A paragraph for the verb's own help. */
  description: string;
  arguments: readonly ArgumentSpec[];
  options: O;
  examples: readonly Example[];
  run(context: CommandContext, input: Input<O>): Promise<ExitStatus>;
}

export interface ArgumentSpec {
  name: string;
  description: string;
  required?: boolean;
  variadic?: boolean;
  completion: Completions | { kind: 'verbs' };
}

export interface Example {
  command: string;
  meaning: string;
}

/** `T` is the type of the parsed value; the key in `options` is commander's name for it (`--dry-run` → `dryRun`). */
export interface OptionSpec<T> {
  /** In commander's notation: `-f, --follow`, `--timeout <duration>`, `--no-probe`. */
  flags: string;
  description: string;
  default: T;
  /** The default as help shows it. */
  shownDefault?: string;
  /** Absent for flags. Throws a plain Error that says what is expected, as a sentence. */
  parse?: (text: string, previous: T) => T;
  completion?: Completions;
  hidden?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where options of different types are listed together
export type OptionSpecs = Readonly<Record<string, OptionSpec<any>>>;

export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K] extends OptionSpec<infer T> ? T : never;
};

export interface Input<O extends OptionSpecs> {
  args: readonly string[];
  options: OptionValues<O>;
}

/** Keeps the types of the options for `run`. */
export const defineCommand = <O extends OptionSpecs>(command: Command<O>): Command<O> => command;

export const flag = (flags: string, description: string): OptionSpec<boolean> => ({
  flags,
  description,
  // commander's rule: `--no-probe` is `probe`, true unless it is given.
  default: /(^|\s)--no-/.test(flags),
});

export const oneOf = <const T extends string, D extends T | undefined>(
  flags: string,
  description: string,
  values: readonly T[],
  preset: D,
): OptionSpec<T | D> => ({
  flags,
  description,
  default: preset,
  ...(preset === undefined ? {} : { shownDefault: preset }),
  completion: { kind: 'one-of', values },
  parse: (text) => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    const meant = nearest(text, values);
    throw new Error(
      `Expected ${listed(values, 'or')}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
    );
  },
});

/** An option that may be given several times, or with several values: `--conf a.conf b.conf`. Empty when it is not given. */
export const repeated = (
  flags: string,
  description: string,
  kind: 'file' | 'free',
): OptionSpec<readonly string[]> => ({
  flags,
  description,
  default: [],
  completion: { kind },
  parse: (text, previous) => {
    if (text === '') throw new Error('It is empty.');
    return [...previous, text];
  },
});

/** Milliseconds. `preset` is shown in help as it is written. */
export const duration = (flags: string, description: string, preset: string): OptionSpec<number> => ({
  flags,
  description,
  default: milliseconds(preset),
  shownDefault: preset,
  completion: { kind: 'free' },
  parse: milliseconds,
});

function milliseconds(text: string): number {
  const reading = parseDuration(text);
  if (!reading.ok) throw new Error(`${text}: ${reading.reason}.`);
  if (reading.value <= 0) throw new Error(`${text}: must be longer than nothing.`);
  return reading.value;
}

/** Refuses names that there are not, all at once, each with the nearest that there is. */
export function expectKnown(
  code: Extract<ErrorCode, 'UNKNOWN_SERVICE' | 'UNKNOWN_PROBE' | 'USAGE'>,
  noun: string,
  names: readonly string[],
  known: readonly string[],
): void {
  const strangers = names.filter((name) => !known.includes(name));
  if (strangers.length === 0) return;
  const questions = strangers.flatMap((name) => nearest(name, known) ?? []);
  const what = strangers.map((name) => JSON.stringify(name)).join(', ');
  throw new DevenvError(
    code,
    `There is no ${noun} ${what}; there ${known.length === 1 ? 'is' : 'are'} ${allOf(known)}.`,
    {
      ...(questions.length === 0 ? {} : { hint: `Did you mean ${listed(questions, 'or')}?` }),
    },
  );
}

/** More names than these are no help. */
const MOST_NAMES = 30;

const allOf = (known: readonly string[]): string =>
  known.length <= MOST_NAMES ? listed(known) : `${known.length}, from ${known[0]} to ${known.at(-1)}`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[], joint: 'and' | 'or' = 'and'): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${joint} ${names.at(-1)}`;
