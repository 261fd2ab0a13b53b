import type { Doctor } from '../doctor/doctor.ts';
import type { Engine } from '../engine/engine.ts';
import type { Emit } from '../events.ts';
import type { RuntimeKind } from '../topology/model.ts';
import type { Grammar } from '../ui/grammar.ts';
import type { ReportOptions } from '../ui/report.ts';

/** What a verb gets from the CLI; everything it may touch of the process it runs in. */
export interface CommandContext {
  /** Loads the project and wires the engine, at the first call and only then. */
  open(options?: Pick<OpenProjectOptions, 'runtime' | 'orRecalled'>): Promise<OpenedProject>;
  /** Aborts at the first Ctrl-C, with INTERRUPTED as its reason. */
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /**
   * Ends the progress display, then prints the one result of the verb on stdout: as text, or as one JSON document
   * with `--json`.
   */
  result(value: unknown, text: (options: ReportOptions) => readonly string[]): Promise<void>;
  /** Ends the progress display, so that lines can be written one after another. */
  endProgress(): Promise<void>;
  /** The doctor of the project in `cwd`, or of files anywhere; loaded at the first call. */
  doctor(): Promise<Doctor>;
  /** Writes to stdout as it is. */
  write(text: string): void;
  /** Prints lines on stdout ahead of the result, cleaned of what a terminal would obey. */
  print(lines: readonly string[]): void;
  /** Asks on the terminal; undefined when there is none to ask on. */
  confirm(question: string): Promise<boolean | undefined>;
  /** All of standard input, at most 8 MiB. Throws USAGE when it is a terminal or more than that. */
  readStdin(): Promise<string>;
  /** For lines that are drawn one by one. */
  readonly report: ReportOptions;
  readonly json: boolean;
  readonly grammar: Grammar;
  /** Prints the help of a verb, or of devenv when none is named. */
  printHelp(verb?: string): void;
  /** Absolute, after `-C`. */
  readonly cwd: string;
  /** Where devenv itself is installed: `templates/`, `dist/`. */
  readonly packageRoot: string;
  /** Wall clock, milliseconds. */
  now(): number;
}

/** The CLI's view of composition.ts. */
export interface OpenedProject {
  engine: Engine;
  /** null when the shipped pipeline is used because the project has no file. */
  configFile: string | null;
}

export interface OpenProjectOptions {
  cwd: string;
  name?: string;
  configFile?: string;
  runtime?: 'auto' | RuntimeKind;
  /**
   * What must be known of the environment for the verb to go on, with a warning, when its declaration cannot be read
   * any more: which one it is, or also what it consists of. Default: it does not go on.
   */
  orRecalled?: 'environment' | 'topology';
  env: NodeJS.ProcessEnv;
  emit?: Emit;
}

export type OpenDoctor = (options: OpenProjectOptions) => Promise<Doctor>;

export type OpenProject = (options: OpenProjectOptions) => Promise<OpenedProject>;
