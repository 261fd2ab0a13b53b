import { isBlank, isDigit, isLineEnd, isSizeSuffix, shown } from './characters.ts';
import { bare } from './lex-strings.ts';
import { END, type Lexer, type State } from './lexer.ts';

const endsNumber = (character: string): boolean =>
  isLineEnd(character) || isBlank(character) || [END, '}', ';', ','].includes(character);

function done(lexer: Lexer, kind: 'integer' | 'float' | 'datetime' | 'string'): State | null {
  lexer.emit(kind);
  return lexer.pop();
}

function asBare(lexer: Lexer): State {
  lexer.afterEscape = bare;
  return bare;
}

/** After a digit: an integer, a float, a date, an address, or a word that starts with a digit. */
export const positive: State = (lexer) => {
  const character = lexer.next();
  if (character === '-')
    return lexer.position - lexer.start === 'YYYY-'.length
      ? afterYear
      : lexer.fail('All ISO8601 dates must be in full Zulu form.');
  if (isDigit(character)) return positive;
  if (character === '.') return fraction;
  if (isSizeSuffix(character)) return suffixed;
  if (!endsNumber(character)) return asBare(lexer);
  lexer.back();
  return done(lexer, 'integer');
};

/** After `-`: a digit has to come. */
export const negativeStart: State = (lexer) => {
  const character = lexer.next();
  if (character === '.') return lexer.fail("Floats must start with a digit, not '.'.");
  if (!isDigit(character)) return lexer.fail(`Expected a digit but got '${shown(character)}'.`);
  return negative;
};

const negative: State = (lexer) => {
  const character = lexer.next();
  if (isDigit(character)) return negative;
  if (character === '.') return fraction;
  if (isSizeSuffix(character)) return suffixed;
  lexer.back();
  return done(lexer, 'integer');
};

/** `1k`, `1Mb`, `1GiB`; with anything else behind it, a word. */
const suffixed: State = (lexer) => {
  const character = lexer.next();
  if (/^[bi]$/i.test(character)) return suffixed;
  lexer.back();
  const ends = isDigit(character) ? lexer.dialect.afterSuffix === 'number-ends' : endsNumber(character);
  return ends ? done(lexer, 'integer') : asBare(lexer);
};

const fraction: State = (lexer) => {
  const character = lexer.next();
  return isDigit(character)
    ? digitsOfFraction
    : lexer.fail(`Floats must have a digit after the '.', but got '${shown(character)}' instead.`);
};

const digitsOfFraction: State = (lexer) => {
  const character = lexer.next();
  if (isDigit(character)) return digitsOfFraction;
  if (character === '.') return address;
  lexer.back();
  return done(lexer, 'float');
};

/** `127.0.0.1:4222` */
const address: State = (lexer) => {
  const character = lexer.next();
  if (isDigit(character) || ['.', ':', '-'].includes(character)) return address;
  lexer.back();
  return done(lexer, 'string');
};

const afterYear: State = (lexer) => {
  for (const wanted of '00-00T00:00:00Z') {
    const character = lexer.next();
    if (wanted === '0' && !isDigit(character))
      return lexer.fail(`Expected digit in ISO8601 datetime, but found '${shown(character)}' instead.`);
    if (wanted !== '0' && wanted !== character)
      return lexer.fail(`Expected '${wanted}' in ISO8601 datetime, but found '${shown(character)}' instead.`);
  }
  return done(lexer, 'datetime');
};
