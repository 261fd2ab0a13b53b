import type { ConfProblem, ConfSpan } from './document.ts';
import type { Token } from './lexer.ts';
import type { SourceText } from './source-text.ts';

/** Where the tokens of one text stand, and what is wrong with them. */
export class SourceNotes {
  readonly problems: ConfProblem[] = [];
  private readonly source: SourceText;
  /** Everything in a value of the environment stands where the variable is named. */
  private readonly standIn: ConfSpan | null;

  constructor(source: SourceText, standIn: ConfSpan | null) {
    this.source = source;
    this.standIn = standIn;
  }

  problem(code: ConfProblem['code'], token: Token, message: string, subject?: string): void {
    const span = this.spanOf(token);
    this.problems.push({ code, span, message, ...(subject === undefined ? {} : { subject }) });
  }

  /** What the lexer cannot read; it stops there. */
  unreadable(token: Token): void {
    this.problem(this.broken, token, `Parse error on line ${token.line}: '${token.text}'`);
  }

  /** A key without a value at the end. `}` is let through, for files that are JSON. */
  unfinished(end: Token, key: Token): void {
    if (key.text === '}') return;
    const { file, line, column } = this.source.span(end.start, end.start);
    const position = `${line}:${line === 1 ? column - 1 : column}`;
    this.problem(this.broken, key, `config is invalid (${file}:${position})`, key.text);
  }

  /** Of a file that is no text it matters little which character the server stops at. */
  private get broken(): 'not-text' | 'syntax' {
    return /[\0\ufffd]/.test(this.source.text) ? 'not-text' : 'syntax';
  }

  spanOf({ start, end }: { start: number; end: number }): ConfSpan {
    return this.standIn ?? this.source.span(start, end);
  }

  written(start: number, end: number): { span: ConfSpan; raw: string } {
    return { span: this.spanOf({ start, end }), raw: this.source.text.slice(start, end) };
  }
}
