import { stripVTControlCharacters } from 'node:util';

/** Blocks that terminals draw two cells wide: CJK, Hangul, full-width forms, emoji. Unicode TR11, coarsely. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1faff],
  [0x20000, 0x3fffd],
];
const ZERO = /^(?:\p{Mark}|\u200b|\u200d|\ufe0f)$/u;

/** Cells that a text takes on a terminal; colours take none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

/** Cut to `width` cells, with `…` as the last one when something is missing. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let taken = '';
  let used = 0;
  for (const character of text) {
    const next = characterWidth(character);
    if (used + next > width - 1) break;
    taken += character;
    used += next;
  }
  return `${taken}…`;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (ZERO.test(character)) return 0;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}
