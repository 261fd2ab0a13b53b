/**
 * How well a line fits a text that servers and clients print. What changes from case to case (names in quotes, numbers,
 * places, `…`, `<name>`, `{name}`) is no part of the comparison.
 */

const CHANGING =
  /"[^"]*"|'[^']*'|`[^`]*`|<[^<>]{1,40}>|\{[^{}]{1,40}\}|…|\.\.\.|[\w./\\-]*\.(?:conf|ya?ml|json)\b|\$JS\.[\w.$*>…-]+|_INBOX\.[\w.$*>…-]+|[+-]?\d[\d.:,/]*/g;

/** Fewer letters than these are in any line. */
const FEWEST_LETTERS = 7;

/** The parts of a text that stay, lower case, in their order; empty when they are too few to tell anything. */
export function lastingParts(text: string): readonly string[] {
  const parts = text
    .replaceAll(CHANGING, '\0')
    .split('\0')
    .map((part) => part.toLowerCase().replaceAll(/^[^\p{L}$@]+|[^\p{L}]+$/gu, ''))
    .filter((part) => part !== '');
  return parts.join('').replaceAll(/[^\p{L}]/gu, '').length < FEWEST_LETTERS ? [] : parts;
}

/** Letters of a text that stand in the line, when all of its lasting parts do, in their order; else 0. */
export function textFit(line: string, parts: readonly string[]): number {
  const lower = line.toLowerCase();
  let from = 0;
  let letters = 0;
  for (const part of parts) {
    const at = lower.indexOf(part, from);
    if (at === -1) return 0;
    from = at + part.length;
    letters += part.length;
  }
  return letters;
}

const STOP_WORDS = new Set(
  'the and for are was were not can cannot could with from that this than has have its into does but you your without nats server error stream consumer jetstream'.split(
    ' ',
  ),
);

export const wordsOf = (text: string): ReadonlySet<string> =>
  new Set((text.toLowerCase().match(/\p{L}[\p{L}_-]{2,}/gu) ?? []).filter((word) => !STOP_WORDS.has(word)));

/** What share of a text's words, the rare ones counting more, stands in the line: 0 to 1. */
export function wordFit(
  line: ReadonlySet<string>,
  text: ReadonlySet<string>,
  rarity: (word: string) => number,
): number {
  let all = 0;
  let shared = 0;
  let count = 0;
  for (const word of text) {
    const weight = rarity(word);
    all += weight;
    if (!line.has(word)) continue;
    shared += weight;
    count += 1;
  }
  return count < 2 || all === 0 ? 0 : shared / all;
}
