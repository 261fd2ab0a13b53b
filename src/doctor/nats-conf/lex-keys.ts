import { isSeparator, isSpace, shown } from './characters.ts';
import { include } from './lex-include.ts';
import { END, type Lexer, type State } from './lexer.ts';

/**
 * Keys are read alike at the top and in maps, save for how the text may end and for what follows: at the top the state
 * after the value is pushed before the key, in a map after it.
 */
interface KeyContext {
  /** Reads the value, from behind the separator. */
  value: State;
  /** At the top, a text that ends after a key is no lexical error. */
  endsQuietly: boolean;
  /** Pushed for an `include`, where nothing has been pushed yet. */
  afterInclude: State | null;
}

export interface KeyStates {
  bare: State;
  quoted(quote: string): State;
}

export function keyStates({ value, endsQuietly, afterInclude }: KeyContext): KeyStates {
  const fail = (lexer: Lexer, what: string): null => lexer.fail(`Unexpected EOF processing ${what}.`);

  const end: State = (lexer) => {
    const character = lexer.next();
    if (isSpace(character)) {
      lexer.skip();
      return end;
    }
    if (isSeparator(character)) {
      lexer.skip();
      return value;
    }
    if (character === END && endsQuietly) {
      lexer.emit('end');
      return null;
    }
    lexer.back();
    return value;
  };

  const bare: State = (lexer) => {
    const character = lexer.peek();
    if (character === END && !endsQuietly) return fail(lexer, 'map key');
    if (isSpace(character) && lexer.pending.toLowerCase() === 'include') {
      lexer.skip();
      if (afterInclude !== null) lexer.push(afterInclude);
      return include;
    }
    if (isSpace(character) || isSeparator(character) || character === END) {
      lexer.emit('key');
      return end;
    }
    lexer.next();
    return bare;
  };

  const quoted = (quote: string): State => {
    const state: State = (lexer) => {
      const character = lexer.peek();
      if (character === quote) {
        lexer.emit('key', { quoted: true });
        lexer.next();
        lexer.skip();
        return end;
      }
      if (character === END) {
        if (!endsQuietly) return fail(lexer, `${quote === '"' ? 'double quoted' : 'quoted'} map key`);
        if (lexer.position > lexer.start) return lexer.fail('Unexpected EOF.');
        lexer.emit('end');
        return null;
      }
      lexer.next();
      return state;
    };
    return state;
  };

  return { bare, quoted };
}

/** The first character of a key at the top. */
export const topKey =
  (keys: KeyStates): State =>
  (lexer) => {
    const character = lexer.peek();
    if (isSeparator(character)) return lexer.fail(`Unexpected key separator '${shown(character)}'`);
    if (isSpace(character)) {
      lexer.next();
      lexer.skip();
      return topKey(keys);
    }
    if (character === '"' || character === "'") {
      lexer.next();
      lexer.skip();
      return keys.quoted(character);
    }
    lexer.skip();
    lexer.next();
    return keys.bare;
  };
