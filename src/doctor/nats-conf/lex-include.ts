import { isBlank, isDigit, isLineEnd } from './characters.ts';
import { END, type Lexer, type State } from './lexer.ts';

const REFUSED: Readonly<Record<string, string>> = {
  '[': 'start of an array',
  '{': 'start of a map',
  '(': 'start of a block',
  '-': 'start of a number',
  '\\': 'escape sequence',
};

/** What follows the word `include`: a path, with or without quotes. */
export const include: State = (lexer) => {
  const character = lexer.next();
  if (isBlank(character)) {
    lexer.skip();
    return include;
  }
  if (character === "'" || character === '"') {
    lexer.skip();
    return quotedPath(character);
  }
  const refused = isDigit(character)
    ? 'start of a number'
    : isLineEnd(character)
      ? 'new line'
      : REFUSED[character];
  if (refused !== undefined) return lexer.fail(`Expected include value but found ${refused}`);
  lexer.back();
  return barePath;
};

function quotedPath(quote: string): State {
  const state: State = (lexer) => {
    const character = lexer.next();
    if (character === quote) return closed(lexer, true);
    if (character === END)
      return lexer.fail(`Unexpected EOF in ${quote === '"' ? 'double quoted' : 'quoted'} include`);
    return state;
  };
  return state;
}

const barePath: State = (lexer) => {
  const character = lexer.next();
  if (character === "'") return closed(lexer, false);
  if (!isLineEnd(character) && !isBlank(character) && ![END, ';', '}'].includes(character)) return barePath;
  lexer.back();
  lexer.emit('include');
  return lexer.pop();
};

function closed(lexer: Lexer, quoted: boolean): State | null {
  lexer.back();
  lexer.emit('include', quoted ? { before: 1, quoted } : {});
  lexer.next();
  lexer.skip();
  return lexer.pop();
}
