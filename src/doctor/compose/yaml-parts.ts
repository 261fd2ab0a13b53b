import type { YamlText } from '../facts.ts';
import type { Place } from '../finding.ts';

export type YamlPath = readonly (string | number)[];

export type YamlMap = Readonly<Record<string, unknown>>;

/** A part of somebody's YAML that rules speak about: the file it stands in, and where. */
export interface YamlPart {
  yaml: YamlText;
  path: YamlPath;
}

export const isMap = (value: unknown): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const mapAt = (value: unknown, ...keys: readonly string[]): YamlMap | undefined => {
  const found = keys.reduce<unknown>(
    (part, key) => (isMap(part) && Object.hasOwn(part, key) ? part[key] : undefined),
    value,
  );
  return isMap(found) ? found : undefined;
};

/** Text, also of a number or a boolean that YAML took it for. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;

export const placeIn = ({ yaml, path }: YamlPart, on?: 'key' | 'value'): Place => yaml.place(path, on);

/** Every text in a tree, with the path to it. The depth is bounded: such files are people's, and those are flat. */
export function* textsWithin(
  value: unknown,
  path: YamlPath = [],
  depth = 100,
): Iterable<{ text: string; path: YamlPath }> {
  if (typeof value === 'string') yield { text: value, path };
  else if (depth > 0 && typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value))
      yield* textsWithin(part, [...path, Array.isArray(value) ? Number(key) : key], depth - 1);
  }
}
