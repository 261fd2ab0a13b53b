import fc from 'fast-check';
import type { Written } from './nats-conf-values.ts';

/** A stream of small numbers that decide how things are written; the same ones write the same text. */
interface Dice {
  next(sides: number): number;
}

const diceOf = (throws: readonly number[]): Dice => {
  let at = 0;
  return {
    next(sides) {
      const thrown = throws[at % throws.length]!;
      at += 1;
      return thrown % sides;
    },
  };
};

const SEPARATORS = [': ', ' = ', ' ', ':', '='];

function writeValue(value: Written, dice: Dice, indent: string): string {
  if (typeof value === 'string') return value;
  const inner = `${indent}  `;
  if ('items' in value) {
    const items = value.items.map((item) => writeValue(item, dice, inner));
    if (dice.next(3) > 0) return `[${items.join(', ')}]`;
    return `[\n${items.map((item) => `${inner}${item}${['\n', '\n', ',\n', ' # end\n', ' // end\n'][dice.next(5)]}`).join('')}${indent}]`;
  }
  const entries = value.block.map(([key, own]) => writeEntry(key, own, dice, inner));
  // A file may be included within a block: its fields are then those of the block.
  if (dice.next(50) === 0) entries.push('include within.conf');
  if (dice.next(3) === 0 && entries.length > 0) return `{ ${entries.join(', ')} }`;
  return `{\n${entries.map((entry) => `${inner}${entry}${ending(dice)}`).join('')}${indent}}`;
}

function ending(dice: Dice): string {
  return ['\n', '\n', '\n', '\n', ';\n', ',\n', ' # end\n', ' // end\n'][dice.next(8)]!;
}

function writeEntry(key: string, value: Written, dice: Dice, indent: string): string {
  const isBlock = typeof value !== 'string';
  const separator = isBlock && dice.next(2) === 0 ? ' ' : SEPARATORS[dice.next(SEPARATORS.length)]!;
  return `${key}${separator}${writeValue(value, dice, indent)}`;
}

/** Variables that entries may refer to, and includes. */
const EXTRAS = [
  ...Array<string>(14).fill(''),
  'include included.conf\n',
  'include "included.conf"\n',
  'a: 4222\nport: $a\n',
  'a = abc\nserver_name = $a\n',
  '# a comment\n',
  'port: $PORT\n',
  'prof_port: $a\na: 1\n',
  'unused_one: 12\n',
  'include ./missing.conf\n',
  'include nested.conf\n',
  "include 'nested.conf'\nshared: 5\n",
  'shared: 4222\nport: $shared\n',
  'shared: "C7"\ncluster { shared: "C8", name: $shared }\n',
  '// a comment\n\n# and another\n',
];

const MARKS = [
  '',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '#',
  '\\',
  ' ',
  '\n',
  '\r\n',
  '$',
  '(',
  ')',
  '/',
  '.',
  '-',
  '=',
  ';',
  '\0',
  'é',
  '\ufeff',
  '\u0001',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u{1f600}',
  '1',
  'a',
];

function written(value: Written, throws: readonly number[]): string {
  const dice = diceOf(throws);
  const extra = EXTRAS[dice.next(EXTRAS.length)]!;
  if (typeof value === 'string' || 'items' in value) return `x: ${writeValue(value, dice, '')}\n`;
  const entries = value.block.map(([key, own]) => writeEntry(key, own, dice, ''));
  let text = extra + entries.map((entry) => `${entry}${ending(dice)}`).join('');
  if (dice.next(20) === 0) text = `{\n${text}}\n`;
  if (dice.next(20) === 0) text = text.replaceAll('\n', '\r\n');
  return text;
}

/** Replaces one character: what remains is a nats.conf for the most part. */
const damaged = (text: string, at: number, mark: number): string => {
  const position = text.length === 0 ? 0 : at % text.length;
  return text.slice(0, position) + MARKS[mark % MARKS.length]! + text.slice(position + (mark % 2));
};

/** Hardly a nats.conf: what the reader makes of anything. */
export const noise: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...MARKS,
      'port',
      'include ',
      'include included.conf',
      '4222',
      'true',
      '$NAME',
      '$a',
      'a: ',
      '10k',
      '1.5',
      '-1',
      '2024-01-01T00:00:00Z',
      '// ',
      '"x"',
      "'y'",
      '\n)\n',
      'host: h\n',
      'tls {}',
      '\t',
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** The text of a nats.conf, one in eight with a character that does not belong there. */
export const textOf = (value: fc.Arbitrary<Written>): fc.Arbitrary<string> =>
  fc
    .tuple(
      value,
      fc.array(fc.nat({ max: 1000 }), { minLength: 20, maxLength: 40 }),
      fc.nat({ max: 7 }),
      fc.nat(),
      fc.nat({ max: 1000 }),
    )
    .map(([top, throws, dice, at, mark]) => {
      const text = written(top, throws);
      return dice === 0 ? damaged(text, at, mark) : text;
    });
