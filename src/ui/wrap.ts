import { textWidth } from './text-width.ts';

/** Narrower than this, broken lines are harder to read than long ones. */
const NARROWEST = 40;

/**
 * A text behind a label, broken between words so that it fits; the lines after the first are indented under it. Where the
 * output is no terminal nothing is broken: what is searched for in a log should be found.
 */
export function labelled(label: string, text: string, width: number): string[] {
  const indent = ' '.repeat(textWidth(label));
  const room = width - indent.length;
  const lines = text
    .split('\n')
    .flatMap((line) => (room < NARROWEST || room === Number.POSITIVE_INFINITY ? [line] : broken(line, room)));
  return lines.map((line, index) => `${index === 0 ? label : indent}${line}`);
}

function broken(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
