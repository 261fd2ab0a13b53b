/** The pieces that the parser gets, in the order of the text. Comments and separators leave none. */
export type TokenKind =
  | 'error'
  | 'end'
  | 'key'
  | 'string'
  | 'boolean'
  | 'integer'
  | 'float'
  | 'datetime'
  | 'list-start'
  | 'list-end'
  | 'map-start'
  | 'map-end'
  | 'variable'
  | 'include';

export interface Token {
  kind: TokenKind;
  /** Content without quotes and with escapes resolved; of an error, what the server says. */
  text: string;
  /** Offsets of the token with its quotes; of a key, without them, as the server counts. */
  start: number;
  end: number;
  /** Line that the server names for it: the one its reader stands on, which may be the next one. */
  line: number;
  quoted: boolean;
}

/** In what the lexers of server generations differ. */
export interface Dialect {
  /** Up to 2.10.15 a `{` around everything is skipped, and so is its `}` after a value. */
  braces: 'skipped' | 'matched';
  /** `10k2` is an integer and a rest before 2.15, a word from then on. */
  afterSuffix: 'number-ends' | 'word';
}

/** One step of the lexer: reads, perhaps emits, and says what comes next; null ends the text. */
export type State = (lexer: Lexer) => State | null;

/**
 * The end of the text reads as this character, and so does a NUL inside it: nats-server's lexer does not tell them apart,
 * which decides what it makes of binary files.
 */
export const END = '\0';

/**
 * The reader of nats-server's configuration format (`conf/lex.go`): a cursor that steps one character at a time and back,
 * the text pending since the last token, and a stack of states to go on with. Its steps are kept as they are there,
 * oddities included, because the verdict on a broken file depends on them.
 */
export class Lexer {
  readonly input: string;
  readonly dialect: Dialect;
  position = 0;
  /** Where the pending text starts. */
  start = 0;
  line = 1;
  private width = 0;
  private state: State | null;
  private readonly tokens: Token[] = [];
  private readonly stack: State[] = [];
  /** Where the token started whose escapes are being read. */
  private partsStart: number | null = null;
  private parts: string[] = [];
  /** How to go on after an escape. */
  afterEscape: State | null = null;

  constructor(input: string, first: State, dialect: Dialect) {
    this.input = input;
    this.state = first;
    this.dialect = dialect;
  }

  nextToken(): Token {
    for (;;) {
      const token = this.tokens.shift();
      if (token !== undefined) return token;
      if (this.state === null) return this.tokenOf('end', '', this.position, this.position);
      this.state = this.state(this);
    }
  }

  next(): string {
    if (this.position >= this.input.length) {
      this.width = 0;
      return END;
    }
    const character = String.fromCodePoint(this.input.codePointAt(this.position)!);
    if (character === '\n') this.line += 1;
    this.width = character.length;
    this.position += this.width;
    return character;
  }

  /** Steps back over the character read last; nothing at the end of the text, which has no width. */
  back(): void {
    this.position -= this.width;
    if (this.position < this.input.length && this.input[this.position] === '\n') this.line -= 1;
  }

  peek(): string {
    const character = this.next();
    this.back();
    return character;
  }

  skip(): void {
    this.start = this.position;
  }

  push(state: State): void {
    this.stack.push(state);
  }

  pop(): State | null {
    return this.stack.pop() ?? this.fail('BUG in lexer: no states to pop.');
  }

  get pending(): string {
    return this.input.slice(this.start, this.position);
  }

  /** Emits the pending text; `margin` is how many characters of quotes stand before it and will follow it. */
  emit(kind: TokenKind, quotes: { before?: number; after?: number; quoted?: boolean } = {}): void {
    const { before = 0, after = before, quoted = false } = quotes;
    const start = (this.partsStart ?? this.start) - before;
    const text = this.parts.length === 0 ? this.pending : joinParts([...this.parts, this.pending]);
    this.tokens.push(this.tokenOf(kind, text, start, this.position + after, quoted));
    this.parts = [];
    this.partsStart = null;
    this.start = this.position;
  }

  /** Sets the pending text aside, without its last character: the backslash that has just been read. */
  setAside(): void {
    this.partsStart ??= this.start;
    this.parts.push(this.input.slice(this.start, this.position - 1));
    this.start = this.position;
  }

  /** What an escape stands for. A character of one byte stands for that byte. */
  addPart(text: string): void {
    this.parts.push(text);
    this.start = this.position;
  }

  get hasParts(): boolean {
    return this.parts.length > 0;
  }

  fail(message: string): null {
    this.tokens.push(this.tokenOf('error', message, this.position, this.position));
    this.state = null;
    return null;
  }

  private tokenOf(kind: TokenKind, text: string, start: number, end: number, quoted = false): Token {
    return { kind, text, start, end, line: this.line, quoted };
  }
}

/** `\xc3\xa9` are two bytes of one character: escapes above 7F are put together as UTF-8, as the server's strings are. */
function joinParts(parts: readonly string[]): string {
  if (!parts.some((part) => part.startsWith(BYTE))) return parts.join('');
  const encoder = new TextEncoder();
  const bytes = parts.flatMap((part) =>
    part.startsWith(BYTE) ? [Number.parseInt(part.slice(BYTE.length), 16)] : [...encoder.encode(part)],
  );
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

/** Marks a part that is one byte, in hexadecimal: `\uD800` alone never stands in a text that was read as UTF-8. */
const BYTE = '\ud800';
export const byteOf = (hexadecimal: string): string =>
  Number.parseInt(hexadecimal, 16) < 0x80
    ? String.fromCharCode(Number.parseInt(hexadecimal, 16))
    : `${BYTE}${hexadecimal}`;
