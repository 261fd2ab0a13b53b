import { isBlank, isLineEnd, shown } from './characters.ts';
import { byteOf, END, type Lexer, type State } from './lexer.ts';

/** `'…'`: nothing inside is interpreted. The opening quote has been read. */
export const singleQuoted: State = (lexer) => {
  switch (lexer.next()) {
    case "'":
      return closeQuote(lexer);
    case END:
      return unclosed(lexer);
  }
  return singleQuoted;
};

/** `"…"` with escapes. The opening quote has been read. */
export const doubleQuoted: State = (lexer) => {
  switch (lexer.next()) {
    case '\\':
      lexer.setAside();
      return escapeSequence;
    case '"':
      return closeQuote(lexer);
    case END:
      return unclosed(lexer);
  }
  return doubleQuoted;
};

function closeQuote(lexer: Lexer): State | null {
  lexer.back();
  lexer.emit('string', { before: 1, quoted: true });
  lexer.next();
  lexer.skip();
  return lexer.pop();
}

/** A quote at the very end of the text ends it without an error; the key before it then has no value. */
function unclosed(lexer: Lexer): null {
  if (lexer.position > lexer.start) return lexer.fail('Unexpected EOF.');
  lexer.emit('end');
  return null;
}

/** A value without quotes: a word, a boolean or a variable. */
export const bare: State = (lexer) => {
  const character = lexer.next();
  if (character === '\\') {
    lexer.setAside();
    return escapeSequence;
  }
  if (isLineEnd(character) || isBlank(character) || [END, ';', ',', ']', '}'].includes(character)) {
    lexer.back();
    if (!lexer.hasParts && /^(true|false|on|off|yes|no)$/i.test(lexer.pending)) lexer.emit('boolean');
    else if (!lexer.hasParts && lexer.input[lexer.start] === '$') {
      lexer.start += 1;
      lexer.emit('variable', { before: 1, after: 0 });
    } else lexer.emit('string');
    return lexer.pop();
  }
  if (character === "'") {
    lexer.back();
    lexer.emit('string');
    lexer.next();
    lexer.skip();
    return lexer.pop();
  }
  return bare;
};

/** `(` … until a `)` that has a line of its own. */
export const block: State = (lexer) => {
  const character = lexer.next();
  if (character === END) return lexer.fail('Unexpected EOF processing block.');
  if (character !== ')') return block;
  lexer.back();
  lexer.back();
  if (lexer.next() !== '\n') {
    lexer.next();
    return block;
  }
  lexer.next();
  const after = lexer.next();
  if (after !== '\n' && after !== END) {
    lexer.back();
    return block;
  }
  lexer.back();
  // At the end of the text the second step back goes nowhere either, so that `)` belongs to the string there.
  lexer.back();
  lexer.emit('string', { before: 1, after: lexer.input[lexer.position] === ')' ? 1 : 0, quoted: true });
  lexer.next();
  lexer.skip();
  return lexer.pop();
};

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '"': '"', '\\': '\\' };

const escapeSequence: State = (lexer) => {
  const character = lexer.next();
  if (character === 'x') return hexadecimal;
  const meant = ESCAPES[character];
  if (meant === undefined)
    return lexer.fail(
      `Invalid escape character '${shown(character)}'. Only the following escape characters are allowed: ` +
        '\\xXX, \\t, \\n, \\r, \\", \\\\.',
    );
  lexer.addPart(meant);
  return lexer.afterEscape;
};

const hexadecimal: State = (lexer) => {
  for (let digit = 0; digit < 2; digit += 1)
    if (isLineEnd(lexer.next()))
      return lexer.fail("Expected two hexadecimal digits after '\\x', but hit end of line");
  const digits = lexer.input.slice(lexer.position - 2, lexer.position);
  if (!/^[0-9a-fA-F]{2}$/.test(digits))
    return lexer.fail(`Expected two hexadecimal digits after '\\x', but got '${digits}'`);
  lexer.addPart(byteOf(digits));
  return lexer.afterEscape;
};
