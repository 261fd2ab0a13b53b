import { entryOf, mapOf } from '../conf-values.ts';
import type { ConfDocument, ConfEntry, ConfSpan } from '../document.ts';
import { type ServerConf, serverConf } from '../server.ts';

/** Something that `nats-server -t` passes and a start refuses. */
export interface StartRefusal {
  /** The part to look at. */
  at: ConfSpan;
  /** As the server prints it, without its time stamp. */
  message: string;
  /** One sentence, with the names and numbers concerned. */
  cause: string;
  fix: string;
}

/** A configuration as the checks at start see it. */
export interface StartedConf {
  conf: ServerConf;
  /** Of the server that reads it. */
  version: string;
  entries: readonly ConfEntry[];
  /** Entries of a block at the top; undefined when it is not there or is no block. */
  block(...names: readonly string[]): readonly ConfEntry[] | undefined;
  /** Operators or trusted keys: accounts and users are in JWTs. */
  hasOperator: boolean;
  hasTrustedKeys: boolean;
  /** The list of users of `authorization` or of an account: one user or token for everybody is no list. */
  hasUsers: boolean;
  /** What flags of the command say instead of the file, where they say something. */
  flags: StartFlags;
}

export interface StartFlags {
  port?: number;
  monitorPort?: number;
  /** `--name` */
  serverName?: string;
  jetstream?: boolean;
  /** `--tls`, `--tlscert`, … */
  hasTls?: boolean;
}

export const OPERATOR = ['operator', 'operators', 'roots', 'root', 'root_operators', 'root_operator'];
export const TRUSTED = ['trusted_keys', 'trusted'];

export function startedConf(document: ConfDocument, version: string, flags: StartFlags): StartedConf {
  const { entries } = document;
  const lists = [
    mapOf(entryOf(entries, 'authorization')),
    ...(mapOf(entryOf(entries, 'accounts')) ?? []).map((account) => mapOf(account)),
  ];
  return {
    conf: serverConf(document),
    version,
    entries,
    block: (...names) => mapOf(entryOf(entries, ...names)),
    hasOperator: entryOf(entries, ...OPERATOR) !== undefined,
    hasTrustedKeys: entryOf(entries, ...TRUSTED) !== undefined,
    hasUsers: lists.some(
      (block) => block !== undefined && ['users', 'nkeys'].some((name) => isFilled(entryOf(block, name))),
    ),
    flags,
  };
}

const isFilled = (entry: ConfEntry | undefined): boolean =>
  entry?.value.kind === 'list' && entry.value.items.length > 0;

/** Where a block stands, for what is missing in it. */
export const keyOf = ({ entries }: StartedConf, ...names: readonly string[]): ConfSpan =>
  entryOf(entries, ...names)?.keySpan ?? { file: '', line: 1, column: 1, start: 0, end: 0 };
