import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { checkConf, confVerdict } from '../../../src/doctor/nats-conf/check.ts';
import type { ConfSpan } from '../../../src/doctor/nats-conf/document.ts';
import type { ConfFault } from '../../../src/doctor/nats-conf/fault.ts';
import { parseConf, type ReadText } from '../../../src/doctor/nats-conf/parse.ts';
import type { NatsServerBinary } from '../../helpers/nats-servers.ts';

export interface ServerVerdict {
  ok: boolean;
  output: string;
  /** `line:column field` of what it does not know, sorted. */
  unknown: readonly string[];
}

/** What the environment of the servers and of our reader holds, beside PATH. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  NAME: 'abc',
  PORT: '4333',
  LIST: '[a, b]',
  BROKEN: 'a,b',
  SIZE: '10k',
  AGE: '2s',
  QUOTED: '"a b"',
  MAP: '{a: 1}',
};

/** `nats-server -t` of one version on a file. */
export function askServer(server: NatsServerBinary, file: string): Promise<ServerVerdict> {
  return new Promise((resolve) => {
    const env = { ...ENVIRONMENT, HOME: '/nonexistent', GOMAXPROCS: '1' };
    execFile(server.path, ['-t', '-c', file], { env, timeout: 120_000 }, (error, stdout, stderr) => {
      const output = `${stderr}${stdout}`;
      const unknown = [...output.matchAll(/:(\d+):(\d+): unknown field "(.*)"$/gm)].map(
        ([, line, column, name]) => `${line}:${column} ${withoutMark(name!)}`,
      );
      resolve({ ok: error === null, output, unknown: unknown.sort() });
    });
  });
}

/** A byte order mark is a problem of its own for us, and part of the first key for the server. */
const withoutMark = (name: string): string => name.replace(/^\\ufeff/, '');

export function readFile(path: string): ReadText {
  try {
    if (statSync(path).isDirectory()) return { error: 'folder', reason: `read ${path}: is a directory` };
    return { text: readFileSync(path, 'utf8') };
  } catch {
    return { error: 'missing', reason: `open ${path}: no such file or directory` };
  }
}

/** The server counts bytes, those of the first line from 0, and names the line on which a key ends. */
function serverPosition(span: ConfSpan, sources: ReadonlyMap<string, string>): string {
  const { file, line, column, start, end } = span;
  const text = sources.get(file)!;
  const bytes = Buffer.byteLength(text.slice(start - (column - 1), start));
  const lines = text.slice(start, end).split('\n').length - 1;
  return `${line + lines}:${line === 1 ? bytes : bytes + 1}`;
}

export interface OwnVerdict extends ServerVerdict {
  /** Something beside unknown fields is wrong: the server may then not have come to some of those. */
  others: boolean;
  /** Nothing is wrong beside what servers refuse now and then, see `isByChance`. */
  byChance: boolean;
}

/**
 * A response_threshold of a stream: servers look at the fields of an export in the order of a Go map, which is another
 * one in each run, and refuse this one only when they have come to `stream` before it. One verdict of theirs is no answer.
 */
const isByChance = ({ message, span }: ConfFault, sources: ReadonlyMap<string, string>): boolean =>
  message === 'Detected response directive on non-service' &&
  /^"?(response_)?(threshold|max_time|time)"?$/i.test(
    sources.get(span.file)?.slice(span.start, span.end) ?? '',
  );

/** Our reading of the same file. */
export function askOurselves(version: string, file: string, text: string): OwnVerdict {
  const document = parseConf(file, text, { read: readFile, env: ENVIRONMENT, version });
  const verdict = confVerdict(document, version);
  const faults = checkConf(document, version);
  const unknown = faults.filter(({ message }) => message.startsWith('unknown field "'));
  const messages = [...document.problems, ...faults].map(({ message }) => message);
  const marks = document.problems.filter(({ code }) => code === 'bom');
  const positions = [...marks, ...unknown].map(({ span, message }) => {
    const name = message.slice('unknown field "'.length, -1);
    return `${serverPosition(span, document.sources)} ${withoutMark(name)}`;
  });
  return {
    ok: verdict.ok,
    output: messages.join('\n'),
    unknown: document.problems.length > marks.length ? [] : [...new Set(positions)].sort(),
    others: unknown.length < faults.length,
    byChance:
      !verdict.ok &&
      document.problems.length === 0 &&
      faults.every((fault) => isByChance(fault, document.sources)),
  };
}

/** What two readings of a file differ in; null when they agree. */
export function difference(server: ServerVerdict, own: OwnVerdict): string | null {
  if (server.ok && own.byChance) return null;
  if (server.ok !== own.ok)
    return `the server says ${server.ok ? 'yes' : 'no'}, we say ${own.ok ? 'yes' : 'no'}`;
  const strange = server.unknown.filter((field) => !own.unknown.includes(field));
  if (strange.length > 0) return `the server does not know ${strange.join(', ')}`;
  const missed = own.unknown.filter((field) => !server.unknown.includes(field));
  return missed.length > 0 && !own.others ? `the server knows ${missed.join(', ')}` : null;
}
