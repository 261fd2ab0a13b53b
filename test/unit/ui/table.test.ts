import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStyle, wantsColour } from '../../../src/ui/style.ts';
import { type Column, table } from '../../../src/ui/table.ts';
import { textWidth, truncate } from '../../../src/ui/text-width.ts';
import { spokenDuration } from '../../../src/ui/units.ts';

const style = createStyle(false);
const columns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'COUNT', align: 'right' },
  { title: 'NOTE', shrinks: true },
];

describe('a table', () => {
  it('aligns, also what is two cells wide', () => {
    const rows = [
      ['nats', '1', 'x'],
      ['日本', '100', ''],
    ];
    expect(table(columns, rows, { style, width: Number.POSITIVE_INFINITY })).toEqual([
      'NAME  COUNT  NOTE',
      'nats      1  x',
      '日本    100',
    ]);
  });

  it('leaves out columns that are empty in every row', () => {
    expect(table(columns, [['nats', '', 'x']], { style, width: 80 })).toEqual(['NAME  NOTE', 'nats  x']);
  });

  it('cuts only what may be cut', () => {
    const rows = [['a-name-that-is-long', '1', 'a note that is long as well']];
    expect(table(columns, rows, { style, width: 40 })).toEqual([
      'NAME                 COUNT  NOTE',
      'a-name-that-is-long      1  a note that…',
    ]);
    expect(table(columns, rows, { style, width: 10 })[1]).toBe('a-name-that-is-long      1  a not…');
  });

  it('measures before it paints', () => {
    const rows = [[{ text: 'up', paint: createStyle(true).green }, '1', 'x']];
    expect(table(columns, rows, { style, width: 80 })[1]).toBe('\u001b[32mup\u001b[39m        1  x');
  });
});

it('truncate never exceeds its width', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      expect(textWidth(truncate(text, width))).toBeLessThanOrEqual(Math.max(1, width));
    }),
  );
});

it.each([
  [0, '0 ms'],
  [84.4, '84 ms'],
  [999.6, '1.00 s'],
  [59_990, '59.99 s'],
  [59_996, '1m 00s'],
  [65_000, '1m 05s'],
  [12_000_000, '3h 20m'],
  [187_200_000, '2d 4h'],
])('%d ms is spoken as %s', (ms, text) => {
  expect(spokenDuration(ms)).toBe(text);
});

describe('colour', () => {
  it.each([
    [true, {}, true, true],
    [false, {}, true, false],
    [true, { FORCE_COLOR: '1' }, true, false],
    [false, { FORCE_COLOR: '0' }, true, true],
    [false, { NO_COLOR: '1' }, true, true],
    [false, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, true],
    [true, { NO_COLOR: '' }, true, true],
    [false, { FORCE_COLOR: '1' }, false, true],
    [false, { TERM: 'dumb' }, true, true],
  ])('%s with %j, flag %s, terminal %s', (wanted, env, flag, isTTY) => {
    expect(wantsColour(env, { flag, isTTY })).toBe(wanted);
  });
});
