import { isBlank, isLineEnd, isSpace, shown } from './characters.ts';
import { commentAt } from './lex-comments.ts';
import { keyStates, topKey } from './lex-keys.ts';
import { value } from './lex-values.ts';
import { type Dialect, END, Lexer, type State } from './lexer.ts';
import { isAtLeast } from './versions.ts';

const keys = keyStates({ value, endsQuietly: true, afterInclude: null });
const key = topKey(keys);

/** The end of the text between entries; a NUL or a lone slash there is an error. */
function ending(lexer: Lexer): null {
  if (lexer.position > lexer.start) return lexer.fail('Unexpected EOF.');
  lexer.emit('end');
  return null;
}

/** Between top-level entries. */
function topOf(braces: Dialect['braces']): State {
  const top: State = (lexer) => {
    const character = lexer.next();
    if (isSpace(character)) {
      lexer.skip();
      return top;
    }
    if (character === '{') {
      lexer.skip();
      if (braces === 'skipped') return top;
      lexer.push(top);
      return blockStart;
    }
    const comment = commentAt(lexer, character, top);
    if (comment !== null) return comment;
    if (character === '/' || character === END) return ending(lexer);
    lexer.back();
    lexer.push(afterValue);
    return key;
  };

  const afterValue: State = (lexer) => {
    const character = lexer.next();
    const comment = commentAt(lexer, character, top);
    if (comment !== null) return comment;
    if (character === '/' || isBlank(character)) return afterValue;
    if (isLineEnd(character) || [END, ';', ',', '}'].includes(character)) {
      lexer.skip();
      return top;
    }
    return lexer.fail(
      `Expected a top-level value to end with a new line, comment or EOF, but got '${shown(character)}' instead.`,
    );
  };
  return top;
}

/** Inside a `{` that stands around everything, from 2.10.16. */
const blockStart: State = (lexer) => {
  const character = lexer.next();
  if (isSpace(character)) {
    lexer.skip();
    return blockStart;
  }
  if (character === '{') {
    lexer.push(blockEnd);
    lexer.skip();
    return blockStart;
  }
  if (character === '}') {
    lexer.skip();
    return lexer.pop();
  }
  const comment = commentAt(lexer, character, blockStart);
  if (comment !== null) return comment;
  if (character === '/' || character === END) return ending(lexer);
  lexer.back();
  lexer.push(afterBlockValue);
  return key;
};

const afterBlockValue: State = (lexer) => {
  const character = lexer.next();
  const comment = commentAt(lexer, character, afterBlockValue);
  if (comment !== null) return comment;
  if (character === '/' || isBlank(character)) return afterBlockValue;
  if (isLineEnd(character) || character === ';' || character === ',') {
    lexer.skip();
    return blockStart;
  }
  if (character === '}') {
    lexer.back();
    return blockEnd;
  }
  return lexer.fail(
    `Expected a block-level value to end with a new line, comment or EOF, but got '${shown(character)}' instead.`,
  );
};

const blockEnd: State = (lexer) => {
  const character = lexer.next();
  const comment = commentAt(lexer, character, blockStart);
  if (comment !== null) return comment;
  if (character === '/' || isLineEnd(character) || isBlank(character)) return blockEnd;
  if (character === ';' || character === ',') {
    lexer.skip();
    return blockStart;
  }
  if (character === '}') {
    lexer.skip();
    return lexer.pop();
  }
  return lexer.fail(`Expected a block-level to end with a '}', but got '${shown(character)}' instead.`);
};

const TOP: Readonly<Record<Dialect['braces'], State>> = {
  skipped: topOf('skipped'),
  matched: topOf('matched'),
};

/** The lexer of a file, or of the value of an environment variable, as the server of that version reads it. */
export const lexerOf = (text: string, version: string): Lexer => {
  const braces = isAtLeast(version, '2.10.16') ? 'matched' : 'skipped';
  const afterSuffix = isAtLeast(version, '2.15.0') ? 'word' : 'number-ends';
  return new Lexer(text, TOP[braces], { braces, afterSuffix });
};
