import type { YamlFile } from '../config/yaml-document.ts';
import { parseYamlDocuments } from '../config/yaml-document.ts';
import type { YamlText } from './facts.ts';

/** Reads somebody else's YAML or JSON: one entry for each document in it, with places. Never throws. */
export function yamlTexts(file: string, text: string): readonly YamlText[] {
  const plain = plainJson(text);
  if (plain !== undefined) return [lazily(file, text, plain)];
  return parseYamlDocuments(text).map((document) => asYamlText(file, text, document));
}

function asYamlText(file: string, text: string, document: YamlFile): YamlText {
  return {
    file,
    value: document.value,
    errors: document.errors.map(({ line, column, message }) => ({
      place: { kind: 'file', file, line, column },
      message,
    })),
    place: (path, on = 'value') => ({
      kind: 'file',
      file,
      ...(document.position(path, on) ?? { line: 1, column: 1 }),
    }),
    scalar: (path) => {
      const range = document.scalar(path);
      return range === undefined ? null : { file, ...range, text: text.slice(range.start, range.end) };
    },
  };
}

/** A dashboard has thousands of lines of JSON and usually nothing to say about: its places are worked out when asked for. */
function lazily(file: string, text: string, value: unknown): YamlText {
  let read: YamlText | undefined;
  const placed = (): YamlText => {
    const [document] = parseYamlDocuments(text);
    read ??= asYamlText(file, text, document ?? { value, errors: [], position: none, scalar: none });
    return read;
  };
  return {
    file,
    value,
    errors: [],
    place: (path, on) => placed().place(path, on),
    scalar: (path) => placed().scalar(path),
  };
}

const none = (): undefined => undefined;

function plainJson(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
