import type { YamlPart } from '../compose/yaml-parts.ts';
import { SourceText, type TextOrigin } from '../nats-conf/source-text.ts';

/**
 * Where the text of a scalar stands in its YAML file. Each character has its own place in a literal block (`|`) and in a
 * scalar that is written as it is read; all of a folded, escaped or encoded one stands where its key does.
 */
export function originOf({ yaml, path }: YamlPart, whole: SourceText, text: string): TextOrigin {
  const value = yaml.place(path, 'value');
  if (value.kind === 'file') {
    const at = whole.offset(value.line, value.column);
    const offsetOf = inBlock(whole.text, at, text) ?? inLine(whole.text, at, text);
    if (offsetOf !== undefined) return { whole, offsetOf, isVerbatim: true };
  }
  return atKey({ yaml, path }, whole);
}

/** The whole text stands where its key does. */
export function atKey({ yaml, path }: YamlPart, whole: SourceText): TextOrigin {
  const key = yaml.place(path, 'key');
  const at = key.kind === 'file' ? whole.offset(key.line, key.column) : 0;
  return { whole, offsetOf: () => at, isVerbatim: false };
}

type OffsetOf = TextOrigin['offsetOf'];

/** Line by line, each indented by spaces and otherwise the same. */
function inBlock(whole: string, at: number, text: string): OffsetOf | undefined {
  if (whole[at] !== '|') return undefined;
  const own = new SourceText('', text);
  const starts: number[] = [];
  let from = endOfLine(whole, at) + 1;
  for (const line of text.split('\n')) {
    const end = endOfLine(whole, from);
    const written = whole.slice(from, end).replace(/\r$/, '');
    const indent = line === '' ? 0 : written.length - line.length;
    // What follows the last line of a block is no part of it.
    if (line !== '' && written !== ' '.repeat(Math.max(0, indent)) + line) return undefined;
    starts.push(from + indent);
    from = Math.min(end + 1, whole.length);
  }
  return (offset) => {
    const { line, column } = own.span(offset, offset);
    return starts[line - 1]! + column - 1;
  };
}

/** On one line, with or without quotes, and nothing escaped. */
function inLine(whole: string, at: number, text: string): OffsetOf | undefined {
  const quote = whole[at] === '"' || whole[at] === "'" ? whole[at] : '';
  const from = at + quote.length;
  const isSame = !text.includes('\n') && whole.startsWith(text + quote, from);
  return isSame ? (offset) => from + offset : undefined;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
