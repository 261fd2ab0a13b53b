import { isLineEnd } from './characters.ts';
import { END, type Lexer, type State } from './lexer.ts';

const comment: State = (lexer) => {
  const character = lexer.peek();
  if (isLineEnd(character) || character === END) {
    lexer.skip();
    return lexer.pop();
  }
  lexer.next();
  return comment;
};

/**
 * The character just read, or the comment that it opens: then the state that reads the comment and goes on with `then`.
 * A lone slash is handed back as it is; what it means depends on where it stands.
 */
export function commentAt(lexer: Lexer, character: string, then: State): State | null {
  if (character === '/') {
    if (lexer.next() !== '/') {
      lexer.back();
      return null;
    }
  } else if (character !== '#') return null;
  lexer.push(then);
  lexer.skip();
  return comment;
}
