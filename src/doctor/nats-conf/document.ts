/**
 * A nats.conf as the server's own parser reads it (`conf/lex.go`, `conf/parse.go`), but with every place kept and every
 * problem collected, so that one run names all of them.
 */
export interface ConfDocument {
  /** As it is printed. */
  file: string;
  /** Top-level entries in file order, included files in place of their `include`. */
  entries: readonly ConfEntry[];
  /** What the parser itself refuses: `-t` would stop at the first of them. */
  problems: readonly ConfProblem[];
  /** Texts of the file and of everything that it includes, by the name as printed; for edits. */
  sources: ReadonlyMap<string, string>;
  /** Present when it is no file of its own but a value in a YAML file, the one that `file` names. */
  embedded?: {
    /** `ConfigMap nats`, `configs.nats` */
    owner: string;
    /** Of the value. */
    path: readonly (string | number)[];
    /** A Compose file tells who reads it; of a manifest nobody knows. */
    kind: 'manifest' | 'compose';
  };
}

/** Lines and columns count from 1; offsets in UTF-16 units of the file's text. */
export interface ConfSpan {
  file: string;
  line: number;
  column: number;
  start: number;
  end: number;
}

export interface ConfEntry {
  key: string;
  keySpan: ConfSpan;
  value: ConfValue;
  /** A `$NAME` refers to it, so that the server accepts a name that it does not know. */
  used?: boolean;
}

interface Written {
  span: ConfSpan;
  /** Exactly as it stands in the file. */
  raw: string;
  /** Name of the variable it came from: `$NAME`; `span` is then that of the reference. */
  variable?: string;
  /** Whether the variable was a key of the file or of the environment. */
  variableFrom?: 'file' | 'environment';
}

export type ConfValue = Written &
  (
    | { kind: 'string'; value: string; quoted: boolean }
    /** With its suffix applied: `10G` is 10000000000. Exact as long as it fits 64 bits. */
    | { kind: 'integer'; value: bigint; suffix: string }
    | { kind: 'float'; value: number }
    | { kind: 'boolean'; value: boolean }
    | { kind: 'datetime'; value: string }
    | { kind: 'list'; items: readonly ConfValue[] }
    | { kind: 'map'; entries: readonly ConfEntry[] }
  );

export interface ConfProblem {
  /** What went wrong, for rules to tell apart. */
  code:
    | 'syntax'
    | 'empty'
    | 'bom'
    | 'not-text'
    | 'too-large'
    | 'too-deep'
    | 'variable-missing'
    | 'variable-cycle'
    | 'variable-value'
    | 'include-missing'
    | 'include-cycle'
    | 'include-unreadable'
    | 'integer-range';
  span: ConfSpan;
  /** What nats-server would print, as far as it prints anything. */
  message: string;
  /** The variable, the path, the character: what it is about. */
  subject?: string;
}
