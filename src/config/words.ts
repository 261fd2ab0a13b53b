export type Split = { ok: true; words: string[] } | { ok: false; reason: string };

/**
 * A command line as words, with 'single' and "double" quotes. No shell is involved, so what only a shell understands is
 * refused rather than passed on as text.
 */
export function splitWords(line: string): Split {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of line) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if ('|&;<>()$`\\*?'.includes(character)) {
      return {
        ok: false,
        reason: `"${character}" needs a shell; write a list: [sh, -c, "…"], or quote it`,
      };
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) return { ok: false, reason: `the quote ${quote} is never closed` };
  if (word !== undefined) words.push(word);
  if (words.length === 0 || words[0] === '') return { ok: false, reason: 'is empty; expected a command' };
  return { ok: true, words };
}
