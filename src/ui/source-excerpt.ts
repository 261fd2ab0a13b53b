import type { Style } from './style.ts';
import { textWidth } from './text-width.ts';

/** As much of a line as is worth showing around a column. */
const BEFORE = 60;
const AFTER = 60;

const SECRET_KEY = /(?:pass(?:word|wd)?|token|secret|seed|nkey_seed|credentials?)["']?\s*[:=]\s*/i;

/**
 * The line of a file with a mark under the place, as compilers print it; empty when the file has no such line. Values of
 * what is called a password are covered: this is printed into build logs.
 */
export function sourceExcerpt(
  text: string,
  { line, column }: { line: number; column: number },
  style: Style,
): string[] {
  const whole = text.split('\n', line)[line - 1]?.replace(/\r$/, '');
  if (whole === undefined || whole.trim() === '') return [];
  const start = Math.max(0, column - 1 - BEFORE);
  const end = Math.min(whole.length, column - 1 + AFTER);
  const shown = `${start > 0 ? '…' : ''}${visible(covered(whole).slice(start, end))}${end < whole.length ? '…' : ''}`;
  const indent = (start > 0 ? '…' : '') + visible(whole.slice(start, column - 1));
  const marked = Math.max(1, tokenLength(whole.slice(column - 1, end)));
  const gutter = String(line);
  return [
    `${style.dim(`  ${gutter} |`)} ${shown}`,
    `${style.dim(`  ${' '.repeat(gutter.length)} |`)} ${' '.repeat(textWidth(indent))}${style.red('^'.repeat(marked))}`,
  ];
}

/** One cell for each character, so that the mark stands under its place. */
const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, ' ');

function covered(line: string): string {
  const key = SECRET_KEY.exec(line);
  if (key === null) return line;
  const from = key.index + key[0].length;
  const value = /^(?:"[^"]*"|'[^']*'|[^\s,;}\])#]+)/.exec(line.slice(from))?.[0] ?? '';
  // A reference to a variable is no secret, and often the very mistake.
  if (value === '' || value.includes('$') || /^[{[]/.test(value)) return line;
  return line.slice(0, from) + '*'.repeat(value.length) + line.slice(from + value.length);
}

/** A word, a quoted text or a single character. */
const tokenLength = (text: string): number => {
  const token = /^(?:"[^"]*"?|'[^']*'?|[\w$.*>@%+-]+)/.exec(text)?.[0] ?? '';
  return Math.min(textWidth(token), 40);
};
