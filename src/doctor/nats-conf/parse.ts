import { Allowance } from './allowance.ts';
import type { ConfDocument, ConfProblem } from './document.ts';
import { goQuoted } from './go-values.ts';
import type { ParseContext, ReadText } from './parse-context.ts';
import { Reader } from './reader.ts';
import { SourceText, type TextOrigin } from './source-text.ts';
import { isAtLeast, NEWEST } from './versions.ts';

export type { ReadText };

export interface ParseOptions {
  /** The text of an included file, by the path as the server joins it: relative to the including file's folder. */
  read(path: string): ReadText;
  /** What `$NAME` stands for when no key of the file has that name. */
  env: Readonly<Record<string, string | undefined>>;
  /** Maps and lists inside each other; deeper ones are a problem and not looked into. Default 500. */
  maxDepth?: number;
  /** Version of the nats-server that reads the file. Default: the newest known. */
  version?: string;
  /** Where the text stands, when it is a part of another file. */
  origin?: TextOrigin | undefined;
}

/** Characters; a nats.conf is a few thousand. */
const MOST_TEXT = 16 * 1024 * 1024;
const MARK = '\ufeff';

/**
 * Reads a nats.conf as nats-server does. Never throws and always ends: what is wrong with the text is in `problems`,
 * first what the server would stop at, and `entries` hold everything that could be read.
 */
export function parseConf(file: string, text: string, options: ParseOptions): ConfDocument {
  const { env, read, maxDepth = 500, version = NEWEST } = options;
  const whole = new SourceText(file, text, options.origin);
  const { shown } = whole;
  const sources = new Map([[shown.file, shown.text]]);
  if (text.length > MOST_TEXT) {
    const message = `${text.length} characters are more than any nats.conf has`;
    const problem: ConfProblem = { code: 'too-large', span: whole.span(0, 0), message };
    return { file: shown.file, entries: [], problems: [problem], sources };
  }
  const context: ParseContext = { env, read, maxDepth, version, sources, allowance: new Allowance() };
  const reader = new Reader(context, { source: whole, chain: [file], within: null });
  const entries = reader.read();
  const { problems } = reader;
  const empty = entries.length === 0 && problems.length === 0 && isAtLeast(version, '2.9.22');
  if (empty)
    problems.push({
      code: 'empty',
      span: whole.span(0, 0),
      message: 'config has no values or is empty',
    });
  const first = entries[0];
  if (first?.key.startsWith(MARK) && text.startsWith(MARK)) {
    first.key = first.key.slice(MARK.length);
    const message = `unknown field ${goQuoted(`${MARK}${first.key}`)}`;
    problems.push({
      code: 'bom',
      span: { ...first.keySpan, end: first.keySpan.start + MARK.length },
      message,
      subject: first.key,
    });
  }
  return { file: shown.file, entries, problems, sources };
}
