import { dirname, join } from 'node:path';
import type { ConfEntry, ConfProblem, ConfSpan, ConfValue } from './document.ts';
import { lexerOf } from './lex-top.ts';
import type { Token } from './lexer.ts';
import { isDatetime, readFloat, readInteger } from './numbers.ts';
import { SourceText } from './source-text.ts';
import { isAtLeast } from './versions.ts';

export type ReadText =
  | { text: string }
  | { error: 'missing' | 'unreadable' | 'too-large' | 'folder'; reason: string };

export interface ParseContext {
  read(path: string): ReadText;
  env: Readonly<Record<string, string | undefined>>;
  maxDepth: number;
  version: string;
  sources: Map<string, string>;
}

/** Files that include each other without a cycle are still bounded. */
const MOST_INCLUDES = 64;

interface OpenMap {
  kind: 'map';
  start: number;
  entries: ConfEntry[];
  latest: Map<string, ConfEntry>;
}

type Open = OpenMap | { kind: 'list'; start: number; items: ConfValue[] };

const openMap = (start: number): OpenMap => ({ kind: 'map', start, entries: [], latest: new Map() });

/**
 * Puts the tokens of one text together (`conf/parse.go`): a file, or the value of an environment variable. Keys wait on
 * a stack for their values, as they do in the server: a value that it drops (`1kbb`) leaves its key to the next one.
 */
export class Reader {
  readonly problems: ConfProblem[] = [];
  private readonly context: ParseContext;
  private readonly source: SourceText;
  /** Files that lead here, outermost first. */
  private readonly chain: readonly string[];
  /** Variables of the environment being read, to notice when one refers to itself; and where the first was written. */
  private readonly within: { names: readonly string[]; span: ConfSpan } | null;
  private readonly top = openMap(0);
  private readonly open: Open[] = [this.top];
  private readonly keys: Token[] = [];

  constructor(
    context: ParseContext,
    source: SourceText,
    chain: readonly string[],
    within: { names: readonly string[]; span: ConfSpan } | null = null,
  ) {
    this.context = context;
    this.source = source;
    this.chain = chain;
    this.within = within;
  }

  read(): ConfEntry[] {
    const lexer = lexerOf(this.source.text, this.context.version);
    let before: Token | null = null;
    for (;;) {
      const token = lexer.nextToken();
      if (token.kind === 'end') {
        this.checkEnd(token, before);
        return this.top.entries;
      }
      if (token.kind === 'error') {
        this.syntaxProblem(token);
        return this.top.entries;
      }
      if (this.open.length > this.context.maxDepth) {
        this.problem('too-deep', token, `more than ${this.context.maxDepth} blocks inside each other`);
        return this.top.entries;
      }
      this.take(token);
      before = token;
    }
  }

  private take(token: Token): void {
    switch (token.kind) {
      case 'key':
        this.keys.push(token);
        return;
      case 'map-start':
        this.open.push(openMap(token.start));
        return;
      case 'list-start':
        this.open.push({ kind: 'list', start: token.start, items: [] });
        return;
      case 'map-end':
      case 'list-end':
        this.close(token);
        return;
      case 'variable':
        this.variable(token);
        return;
      case 'include':
        this.include(token);
        return;
      default:
        this.scalar(token);
    }
  }

  private close(token: Token): void {
    const last = this.open.pop()!;
    const written = this.written(last.start, token.end);
    this.set(
      last.kind === 'map'
        ? { ...written, kind: 'map', entries: last.entries }
        : { ...written, kind: 'list', items: last.items },
    );
  }

  private scalar(token: Token): void {
    const { text } = token;
    const written = this.written(token.start, token.end);
    const refuse = (code: ConfProblem['code'], message: string): void => {
      this.problem(code, token, message, text);
      this.drop();
    };
    switch (token.kind) {
      case 'string':
        this.set({ ...written, kind: 'string', value: text, quoted: token.quoted });
        return;
      case 'boolean':
        this.set({ ...written, kind: 'boolean', value: /^(true|yes|on)$/i.test(text) });
        return;
      case 'integer': {
        const number = readInteger(text);
        if (number === null) return;
        if ('error' in number) refuse('integer-range', number.error);
        else this.set({ ...written, kind: 'integer', ...number });
        return;
      }
      case 'float': {
        const number = readFloat(text);
        if (number === null || 'error' in number) refuse('integer-range', number?.error ?? '');
        else this.set({ ...written, kind: 'float', value: number.value });
        return;
      }
      case 'datetime':
        if (isDatetime(text)) this.set({ ...written, kind: 'datetime', value: text });
        else refuse('syntax', `expected Zulu formatted DateTime, but got '${text}'`);
    }
  }

  /** A `$NAME`: the latest key of that name in the blocks around it, else the environment. */
  private variable(token: Token): void {
    const name = token.text;
    const written = { ...this.written(token.start, token.end), variable: name };
    // Hashes of passwords start with `$2a$` and may be written without quotes.
    if (name.startsWith('2a$')) {
      const { variable: _, ...plain } = written;
      this.set({ ...plain, kind: 'string', value: `$${name}`, quoted: false });
      return;
    }
    for (const around of this.open.toReversed()) {
      const entry = around.kind === 'map' ? around.latest.get(name) : undefined;
      if (entry === undefined) continue;
      entry.used = true;
      this.set({ ...entry.value, ...written, variableFrom: 'file' });
      return;
    }
    const reference = `variable reference for '${name}' on line ${token.line}`;
    const text = Object.hasOwn(this.context.env, name) ? this.context.env[name] : undefined;
    if (text === undefined) {
      this.problem('variable-missing', token, `${reference} can not be found`, name);
      this.drop();
      return;
    }
    const value = this.fromEnvironment(name, text, token, reference);
    if (value === null) this.drop();
    else this.set({ ...value, ...written, variableFrom: 'environment' });
  }

  private fromEnvironment(name: string, text: string, token: Token, reference: string): ConfValue | null {
    const names = this.within?.names ?? [];
    if (names.includes(name) || names.length > MOST_INCLUDES) {
      const message = `${reference} could not be parsed: variable reference cycle for '${name}'`;
      this.problem('variable-cycle', token, message, name);
      return null;
    }
    const span = this.within?.span ?? this.source.span(token.start, token.end);
    const reader = new Reader(this.context, new SourceText('', `pk=${text}`), this.chain, {
      names: [...names, name],
      span,
    });
    const entries = reader.read();
    const [problem] = reader.problems;
    if (problem !== undefined) {
      const code = problem.code === 'variable-cycle' ? problem.code : 'variable-value';
      this.problem(code, token, `${reference} could not be parsed: ${problem.message}`, name);
      return null;
    }
    const value = entries.findLast(({ key }) => key === 'pk')?.value;
    if (value !== undefined) return value;
    this.problem('variable-missing', token, `${reference} can not be found`, name);
    return null;
  }

  private include(token: Token): void {
    const { file } = this.source;
    // Go's join leaves no separator at the end.
    const path = join(dirname(file), token.text).replace(/(?<=.)\/+$/, '');
    const fail = (code: ConfProblem['code'], reason: string): void =>
      this.problem(code, token, `error parsing include file '${token.text}', ${reason}`, path);
    if (this.chain.includes(path)) {
      fail('include-cycle', `${[...this.chain.slice(this.chain.indexOf(path)), path].join(' includes ')}`);
      return;
    }
    if (this.chain.length > MOST_INCLUDES) {
      fail('too-deep', `more than ${MOST_INCLUDES} files include each other`);
      return;
    }
    const read = this.context.read(path);
    if ('error' in read) {
      fail(read.error === 'missing' ? 'include-missing' : 'include-unreadable', read.reason);
      return;
    }
    this.context.sources.set(path, read.text);
    const reader = new Reader(this.context, new SourceText(path, read.text), [...this.chain, path]);
    const entries = reader.read();
    for (const problem of reader.problems)
      this.problems.push({
        ...problem,
        message: `error parsing include file '${token.text}', ${problem.message}`,
      });
    for (const entry of entries) this.add(entry);
  }

  private set(value: ConfValue): void {
    const around = this.open.at(-1)!;
    if (around.kind === 'list') {
      around.items.push(value);
      return;
    }
    const key = this.keys.pop();
    if (key !== undefined) this.add({ key: key.text, keySpan: this.spanOf(key), value });
  }

  private add(entry: ConfEntry): void {
    const around = this.open.at(-1)!;
    if (around.kind !== 'map') return;
    around.entries.push(entry);
    around.latest.set(entry.key, entry);
  }

  /** The value is unusable and reported; its key must not wait for the next one. */
  private drop(): void {
    if (this.open.at(-1)!.kind === 'map') this.keys.pop();
  }

  /** A key without a value at the end: `}` is let through, for files that are JSON. */
  private checkEnd(end: Token, before: Token | null): void {
    if (before?.kind !== 'key' || before.text === '}' || !isAtLeast(this.context.version, '2.9.22')) return;
    const { line, column } = this.source.span(end.start, end.start);
    const position = `${line}:${line === 1 ? column - 1 : column}`;
    this.problem('syntax', before, `config is invalid (${this.source.file}:${position})`, before.text);
  }

  private syntaxProblem(token: Token): void {
    const binary = /[\0\ufffd]/.test(this.source.text);
    this.problem(binary ? 'not-text' : 'syntax', token, `Parse error on line ${token.line}: '${token.text}'`);
  }

  private problem(code: ConfProblem['code'], token: Token, message: string, subject?: string): void {
    const span = this.spanOf(token);
    this.problems.push({ code, span, message, ...(subject === undefined ? {} : { subject }) });
  }

  private spanOf({ start, end }: { start: number; end: number }): ConfSpan {
    return this.within?.span ?? this.source.span(start, end);
  }

  private written(start: number, end: number): { span: ConfSpan; raw: string } {
    return { span: this.spanOf({ start, end }), raw: this.source.text.slice(start, end) };
  }
}
