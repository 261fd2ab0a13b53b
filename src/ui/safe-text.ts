import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const COLOUR = /(\u001b\[[0-9;]*m)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to drop
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CLOSES = /\u001b\[(?:0|22|39|49)?m/;

/**
 * Text that comes from outside (log lines, configuration values, answers of servers) without what could move the
 * cursor, retitle the window or hide other lines. Tabs and line ends stay; colours stay when `colour` is set.
 */
export function printable(text: string, { colour = false } = {}): string {
  if (!colour) return clean(text);
  const parts = text.split(COLOUR);
  if (parts.length === 1) return clean(text);
  const safe = parts.map((part, index) => (index % 2 === 1 ? part : clean(part))).join('');
  // A service that dies in the middle of a red line must not paint the lines after it.
  return CLOSES.test(parts.at(-2)!) ? safe : `${safe}\u001b[0m`;
}

const clean = (text: string): string => stripVTControlCharacters(text).replace(CONTROL, '');
