/** The command line as data: what completion scripts are made of. */
export interface Grammar {
  program: string;
  /** Understood with every verb, before and after it. */
  globals: readonly GrammarOption[];
  verbs: readonly GrammarVerb[];
}

export interface GrammarVerb {
  name: string;
  summary: string;
  options: readonly GrammarOption[];
  arguments: readonly GrammarArgument[];
}

export interface GrammarOption {
  short?: string;
  long?: string;
  summary: string;
  /** Absent for a flag. */
  value?: Values;
}

export interface GrammarArgument {
  name: string;
  variadic: boolean;
  values: Values;
}

/** What can be typed in a place. `services` and `probes` are asked of the project when they are needed. */
export type Values =
  | { kind: 'one-of'; values: readonly string[] }
  | { kind: 'file' | 'directory' | 'services' | 'probes' | 'free' };

export const flagsOf = ({ short, long }: GrammarOption): string[] =>
  [short, long].filter((flag) => flag !== undefined);
