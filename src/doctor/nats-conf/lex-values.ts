import { isBlank, isDigit, isLineEnd, isSeparator, isSpace, shown } from './characters.ts';
import { commentAt } from './lex-comments.ts';
import { keyStates } from './lex-keys.ts';
import { negativeStart, positive } from './lex-numbers.ts';
import { bare, block, doubleQuoted, singleQuoted } from './lex-strings.ts';
import { END, type Lexer, type State } from './lexer.ts';

/** A value: what comes after it is on the stack. Blanks may precede it, new lines may not. */
export const value: State = (lexer) => {
  const character = lexer.next();
  if (isBlank(character)) {
    lexer.skip();
    return value;
  }
  switch (character) {
    case '[':
      lexer.skip();
      lexer.emit('list-start', { before: 1, after: 0 });
      return listValue;
    case '{':
      lexer.skip();
      lexer.emit('map-start', { before: 1, after: 0 });
      return mapKey;
    case "'":
      lexer.skip();
      return singleQuoted;
    case '"':
      lexer.skip();
      lexer.afterEscape = doubleQuoted;
      return doubleQuoted;
    case '(':
      lexer.skip();
      return block;
    case '-':
      return negativeStart;
    case '.':
      return lexer.fail('Floats must start with a digit');
  }
  if (isDigit(character)) return positive;
  if (isLineEnd(character)) return lexer.fail('Expected value but found new line');
  lexer.back();
  lexer.afterEscape = bare;
  return bare;
};

const listValue: State = (lexer) => {
  const character = lexer.next();
  if (isSpace(character)) {
    lexer.skip();
    return listValue;
  }
  const comment = commentAt(lexer, character, listValue);
  if (comment !== null) return comment;
  if (character === '/' || character === ',') return lexer.fail("Unexpected array value terminator ','.");
  if (character === ']') return listEnd(lexer);
  lexer.back();
  lexer.push(afterListValue);
  return value;
};

const afterListValue: State = (lexer) => {
  const character = lexer.next();
  if (isBlank(character)) {
    lexer.skip();
    return afterListValue;
  }
  const comment = commentAt(lexer, character, afterListValue);
  if (comment !== null) return comment;
  if (character === '/' || character === ',' || isLineEnd(character)) {
    lexer.skip();
    return listValue;
  }
  if (character === ']') return listEnd(lexer);
  return lexer.fail(
    `Expected an array value terminator "," or an array terminator "]", but got '${shown(character)}' instead.`,
  );
};

function listEnd(lexer: Lexer): State | null {
  lexer.skip();
  lexer.emit('list-end');
  return lexer.pop();
}

const mapKey: State = (lexer) => {
  const character = lexer.peek();
  if (isSeparator(character)) return lexer.fail(`Unexpected key separator '${shown(character)}'.`);
  if (character === ']') return lexer.fail(`Unexpected array end ']' processing map.`);
  if (character === END) return lexer.fail('Unexpected EOF processing map.');
  if (isSpace(character)) {
    lexer.next();
    lexer.skip();
    return mapKey;
  }
  if (character === '}') {
    lexer.next();
    return mapEnd(lexer);
  }
  if (character === '#' || character === '/') {
    lexer.next();
    const comment = commentAt(lexer, character, mapKey);
    if (comment !== null) return comment;
  }
  if (character === '"' || character === "'") {
    lexer.next();
    lexer.skip();
    return mapKeys.quoted(character);
  }
  // Behind a lone slash this takes the next character, whatever it is.
  lexer.skip();
  lexer.next();
  return mapKeys.bare;
};

const mapValue: State = (lexer) => {
  const character = lexer.next();
  if (isSpace(character)) {
    lexer.skip();
    return mapValue;
  }
  if (character === ',') return lexer.fail('Unexpected map value terminator ",".');
  if (character === '}') return mapEnd(lexer);
  lexer.back();
  lexer.push(afterMapValue);
  return value;
};

const afterMapValue: State = (lexer) => {
  const character = lexer.next();
  if (isBlank(character)) {
    lexer.skip();
    return afterMapValue;
  }
  const comment = commentAt(lexer, character, afterMapValue);
  if (comment !== null) return comment;
  if (['/', ';', ','].includes(character) || isLineEnd(character)) {
    lexer.skip();
    return mapKey;
  }
  if (character === '}') return mapEnd(lexer);
  return lexer.fail(
    `Expected a map value terminator "," or a map terminator "}", but got '${shown(character)}' instead.`,
  );
};

function mapEnd(lexer: Lexer): State | null {
  lexer.skip();
  lexer.emit('map-end');
  return lexer.pop();
}

const mapKeys = keyStates({ value: mapValue, endsQuietly: false, afterInclude: afterMapValue });
