import { DevenvError } from '../errors.ts';

/**
 * nats.conf as a tree of typed values and a printer for it. A tree can only be made by the functions below, each of
 * which refuses what the server would read as something else, so the text is always what was meant. The language is
 * that of nats-server `conf/lex.go`: a bare word may turn into a number, a size, a boolean or a variable, so text is
 * always quoted, and a quoted string knows the escapes \t \n \r \" \\ and \xXX only.
 */
export type ConfValue =
  | { kind: 'word'; text: Checked }
  | { kind: 'list'; items: readonly ConfValue[] }
  | { kind: 'map'; entries: readonly Field[] };

declare const checked: unique symbol;
/** Text that a function below has made or looked at; a plain string does not pass for one. */
export type Checked = string & { readonly [checked]: true };
const bare = (text: string): ConfValue => ({ kind: 'word', text: text as Checked });

export interface Field {
  kind: 'field';
  name: Checked;
  value: ConfValue;
  /** Lines above the field: why it has this value. */
  comment: readonly string[];
}

export interface Block {
  kind: 'block';
  name: Checked;
  body: readonly Statement[];
  comment: readonly string[];
}

export interface Comment {
  kind: 'comment';
  lines: readonly string[];
}

export type Statement = Field | Block | Comment;

/** Text as it is, `$` and `#` included: nothing in a double-quoted string is expanded. */
export function text(value: string, what: string): ConfValue {
  if (!value.isWellFormed()) throw unfit(what, 'it holds half of a surrogate pair, which is no character');
  return bare(`"${value.replace(/["\\]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, escaped)}"`);
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/** \xXX is a byte, not a code point: everything invisible is written as its UTF-8 bytes. */
const escaped = (character: string): string =>
  SHORT[character] ??
  [...new TextEncoder().encode(character)]
    .map((byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');

/** A whole number; sizes are byte counts, for a suffix means different things quoted and unquoted. */
export function integer(value: number, what: string, { min, max }: { min: number; max: number }): ConfValue {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw unfit(what, `it must be a whole number from ${min} to ${max}, not ${value}`);
  return bare(String(value));
}

/** Milliseconds; quoted, for a bare number is an error to newer servers and seconds to older ones. */
export function duration(ms: number, what: string): ConfValue {
  integer(ms, what, { min: 1, max: Number.MAX_SAFE_INTEGER });
  return bare(ms % 1000 === 0 ? `"${ms / 1000}s"` : `"${ms}ms"`);
}

/** A word of the language itself. */
export const word = (value: 'true' | 'false'): ConfValue => bare(value);

export const list = (items: readonly ConfValue[]): ConfValue => ({ kind: 'list', items });

export const map = (entries: readonly Field[]): ConfValue => ({ kind: 'map', entries });

export const field = (name: string, value: ConfValue, ...comment: readonly string[]): Field => ({
  kind: 'field',
  name: bareName(name),
  value,
  comment,
});

export const block = (name: string, body: readonly Statement[], ...comment: readonly string[]): Block => ({
  kind: 'block',
  name: bareName(name),
  body,
  comment,
});

export const comment = (...lines: readonly string[]): Comment => ({ kind: 'comment', lines });

/** Statements as text: one per line, two spaces per level, a blank line before what has a comment or a body. */
export const printNatsConf = (statements: readonly Statement[]): string =>
  `${printBody(statements, '').join('\n')}\n`;

export const unfit = (what: string, why: string): DevenvError =>
  new DevenvError('CONFIG_INVALID', `${what} cannot be written into nats.conf: ${why}.`, {
    hint: 'Change the value in devenv.yaml or in the environment.',
  });

/** `include` is a directive in the place of a name. */
function bareName(name: string): Checked {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) || name.toLowerCase() === 'include')
    throw unfit(`The name "${name}"`, 'letters, digits, - and _ only');
  return name as Checked;
}

function printBody(statements: readonly Statement[], indent: string): string[] {
  return statements.flatMap((statement, index) => {
    const lines = printStatement(statement, indent);
    const previous = statements[index - 1];
    const apart = lines.length > 1 || (previous !== undefined && previous.kind !== 'field');
    return previous !== undefined && apart ? ['', ...lines] : lines;
  });
}

function printStatement(statement: Statement, indent: string): string[] {
  if (statement.kind === 'comment') return printComment(statement.lines, indent);
  const above = printComment(statement.comment, indent);
  if (statement.kind === 'block')
    return [
      ...above,
      `${indent}${statement.name} {`,
      ...printBody(statement.body, `${indent}  `),
      `${indent}}`,
    ];
  return [...above, `${indent}${statement.name}: ${printValue(statement.value, indent)}`];
}

/** A comment ends with its line, so a line break in it must not start a statement. */
const printComment = (lines: readonly string[], indent: string): string[] =>
  lines.map((line) =>
    `${indent}# ${line.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')}`.trimEnd(),
  );

function printValue(value: ConfValue, indent: string): string {
  switch (value.kind) {
    case 'word':
      return value.text;
    case 'list': {
      const items = value.items.map((item) => `${indent}  ${printValue(item, `${indent}  `)}`);
      return items.length === 0 ? '[]' : `[\n${items.join('\n')}\n${indent}]`;
    }
    case 'map': {
      const deep = value.entries.some((entry) => entry.value.kind !== 'word');
      const inner = deep ? `${indent}  ` : indent;
      const entries = value.entries.map((entry) => `${entry.name}: ${printValue(entry.value, inner)}`);
      return deep
        ? `{\n${entries.map((entry) => `${inner}${entry}`).join('\n')}\n${indent}}`
        : `{ ${entries.join(', ')} }`;
    }
  }
}
