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
  const isTooDeep = isDeeperThan(document.value, MOST_DEPTH);
  const errors = isTooDeep
    ? [{ line: 1, column: 1, message: 'is nested too deeply to be read' }]
    : document.errors;
  return {
    file,
    value: isTooDeep ? undefined : document.value,
    errors: errors.map(({ line, column, message }) => ({
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
    if (read === undefined) {
      const [document] = parseYamlDocuments(text);
      read = asYamlText(file, text, document ?? { value, errors: [], position: none, scalar: none });
    }
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

/** Rules walk through what they are given, by calling themselves. */
const MOST_DEPTH = 200;

/** Level by level, because a walk that calls itself is what deep nesting breaks. */
function isDeeperThan(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > most) return true;
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each === 'object' && each !== null)
        for (const inner of Object.values(each)) next.push(inner);
    }
    level = next;
  }
  return false;
}

function plainJson(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !isDeeperThan(value, MOST_DEPTH)
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}
