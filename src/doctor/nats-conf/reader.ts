import { dirname, join } from 'node:path';
import { MOST_TEXTS, MOST_VALUES } from './allowance.ts';
import type { ConfEntry, ConfProblem, ConfSpan, ConfValue } from './document.ts';
import { lexerOf } from './lex-top.ts';
import type { Token } from './lexer.ts';
import { latestNamed, type Open, openMap } from './open-blocks.ts';
import type { ParseContext, Reading } from './parse-context.ts';
import { readScalar } from './scalar-values.ts';
import { SourceNotes } from './source-notes.ts';
import { SourceText } from './source-text.ts';
import { isAtLeast } from './versions.ts';

/** Files inside each other, without a cycle. */
const MOST_INCLUDES = 64;

/**
 * Puts the tokens of one text together (`conf/parse.go`): a file, or the value of an environment variable. Keys wait on
 * a stack for their values, as they do in the server: a value that it drops (`1kbb`) leaves its key to the next one.
 */
export class Reader {
  private readonly context: ParseContext;
  private readonly reading: Reading;
  private readonly notes: SourceNotes;
  private readonly top = openMap(0);
  private readonly open: Open[] = [this.top];
  private readonly keys: Token[] = [];

  constructor(context: ParseContext, reading: Reading) {
    this.context = context;
    this.reading = reading;
    this.notes = new SourceNotes(reading.source, reading.within?.span ?? null);
  }

  get problems(): ConfProblem[] {
    return this.notes.problems;
  }

  read(): ConfEntry[] {
    const lexer = lexerOf(this.reading.source.text, this.context.version);
    let before: Token | null = null;
    for (;;) {
      const token = lexer.nextToken();
      if (token.kind === 'end') {
        if (before?.kind === 'key' && isAtLeast(this.context.version, '2.9.22'))
          this.notes.unfinished(token, before);
        return this.top.entries;
      }
      if (token.kind === 'error') {
        this.notes.unreadable(token);
        return this.top.entries;
      }
      if (this.open.length > this.context.maxDepth) {
        this.notes.problem('too-deep', token, `more than ${this.context.maxDepth} blocks inside each other`);
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
    const written = this.notes.written(last.start, token.end);
    this.context.allowance.measure(last.kind === 'map' ? last.entries : last.items);
    this.set(
      last.kind === 'map'
        ? { ...written, kind: 'map', entries: last.entries }
        : { ...written, kind: 'list', items: last.items },
    );
  }

  private scalar(token: Token): void {
    const read = readScalar(token, this.notes.written(token.start, token.end));
    if (read === null) return;
    if ('value' in read) this.set(read.value);
    else {
      this.notes.problem(read.code, token, read.message, token.text);
      this.drop();
    }
  }

  /** A `$NAME`: the latest key of that name in the blocks around it, else the environment. */
  private variable(token: Token): void {
    const name = token.text;
    const written = { ...this.notes.written(token.start, token.end), variable: name };
    // Hashes of passwords start with `$2a$` and may be written without quotes.
    if (name.startsWith('2a$')) {
      const { variable: _, ...plain } = written;
      this.set({ ...plain, kind: 'string', value: `$${name}`, quoted: false });
      return;
    }
    const entry = latestNamed(this.open, name);
    if (entry !== undefined) {
      this.refer(entry, token, written);
      return;
    }
    const reference = `variable reference for '${name}' on line ${token.line}`;
    const text = Object.hasOwn(this.context.env, name) ? this.context.env[name] : undefined;
    if (text === undefined) {
      this.notes.problem('variable-missing', token, `${reference} can not be found`, name);
      this.drop();
      return;
    }
    const value = this.fromEnvironment(name, text, token, reference);
    if (value === null) this.drop();
    else this.set({ ...value, ...written, variableFrom: 'environment' });
  }

  private refer(entry: ConfEntry, token: Token, written: { span: ConfSpan; raw: string }): void {
    const name = token.text;
    entry.used = true;
    if (this.context.allowance.takeValue(entry.value))
      this.set({ ...entry.value, ...written, variable: name, variableFrom: 'file' });
    else {
      this.notes.problem(
        'too-large',
        token,
        `'${name}' makes more than ${MOST_VALUES} values of the file`,
        name,
      );
      this.drop();
    }
  }

  private fromEnvironment(name: string, text: string, token: Token, reference: string): ConfValue | null {
    const names = this.reading.within?.names ?? [];
    if (this.isSpent(token, name)) return null;
    if (names.includes(name) || names.length > MOST_INCLUDES) {
      const message = `${reference} could not be parsed: variable reference cycle for '${name}'`;
      this.notes.problem('variable-cycle', token, message, name);
      return null;
    }
    const reader = new Reader(this.context, {
      source: new SourceText('', `pk=${text}`),
      chain: this.reading.chain,
      within: { names: [...names, name], span: this.notes.spanOf(token) },
    });
    const entries = reader.read();
    const [problem] = reader.problems;
    if (problem !== undefined) {
      const code = problem.code === 'variable-cycle' ? problem.code : 'variable-value';
      this.notes.problem(code, token, `${reference} could not be parsed: ${problem.message}`, name);
      return null;
    }
    const value = entries.findLast(({ key }) => key === 'pk')?.value;
    if (value !== undefined) return value;
    this.notes.problem('variable-missing', token, `${reference} can not be found`, name);
    return null;
  }

  private include(token: Token): void {
    const { chain, source } = this.reading;
    // Go's join leaves no separator at the end.
    const path = join(dirname(source.file), token.text).replace(/(?<=.)\/+$/, '');
    const fail = (code: ConfProblem['code'], reason: string): void =>
      this.notes.problem(code, token, `error parsing include file '${token.text}', ${reason}`, path);
    if (chain.includes(path)) {
      fail('include-cycle', `${[...chain.slice(chain.indexOf(path)), path].join(' includes ')}`);
      return;
    }
    if (chain.length > MOST_INCLUDES) {
      fail('too-deep', `more than ${MOST_INCLUDES} files include each other`);
      return;
    }
    if (this.isSpent(token, path)) return;
    const read = this.context.read(path);
    if ('error' in read) {
      fail(read.error === 'missing' ? 'include-missing' : 'include-unreadable', read.reason);
      return;
    }
    const included = new SourceText(path, read.text, read.origin);
    this.context.sources.set(included.shown.file, included.shown.text);
    const reader = new Reader(this.context, {
      source: included,
      chain: [...chain, path],
      within: null,
    });
    const entries = reader.read();
    for (const problem of reader.problems)
      this.notes.problems.push({
        ...problem,
        message: `error parsing include file '${token.text}', ${problem.message}`,
      });
    for (const entry of entries) this.add(entry);
  }

  /** Once it is said that too many texts are read, each of the others would only say the same. */
  private isSpent(token: Token, subject: string): boolean {
    const taken = this.context.allowance.takeText();
    if (taken === 'first-refused')
      this.notes.problem('too-large', token, `more than ${MOST_TEXTS} files and variables are read`, subject);
    return taken !== 'read';
  }

  private set(value: ConfValue): void {
    const around = this.open.at(-1)!;
    if (around.kind === 'list') {
      around.items.push(value);
      return;
    }
    const key = this.keys.pop();
    if (key !== undefined) this.add({ key: key.text, keySpan: this.notes.spanOf(key), value });
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
}
