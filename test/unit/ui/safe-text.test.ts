import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../src/ui/safe-text.ts';

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);
const controls = (text: string): number[] =>
  [...text]
    .map((character) => character.codePointAt(0)!)
    .filter((code) => code !== 9 && code !== 10 && (code < 32 || (code > 126 && code < 160)));

describe('printable', () => {
  it.each([
    ['plain\ttext\nof two lines', 'plain\ttext\nof two lines'],
    ['\u001b[2Jcleared', 'cleared'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b[31mred\u0007 text', 'red text'],
    ['\u009b2Jtext', 'text'],
    ['over\rwritten\b', 'overwritten'],
    ['\u001bcreset', 'reset'],
    ['ends in \u001b', 'ends in '],
  ])('%j → %j', (text, safe) => {
    expect(printable(text)).toBe(safe);
  });

  it('keeps colours when asked, and closes them', () => {
    expect(printable('\u001b[31mred\u001b[39m.\u001b[2J', { colour: true })).toBe('\u001b[31mred\u001b[39m.');
    expect(printable('\u001b[31mred', { colour: true })).toBe('\u001b[31mred\u001b[0m');
  });

  it('lets no control character through but tab, line end and colours', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('\u001b', '[', ']', '3', '1', 'm', ';', 'J', '\u0007', '\u009b', '\\', 'x'),
    });
    fc.assert(
      fc.property(hostile, (text) => {
        expect(controls(printable(text))).toEqual([]);
        const uncoloured = printable(text, { colour: true }).split(COLOUR).join('');
        expect(controls(uncoloured)).toEqual([]);
      }),
    );
  });
});
