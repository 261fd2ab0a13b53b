import type * as z from 'zod';
import { nearest } from '../topology/nearest.ts';

/** Where a value stands in devenv.yaml: `['streams', 0, 'max_bytes']`. */
export type Path = readonly (string | number)[];

export interface Problem {
  path: Path;
  /** Whether the key itself is wrong, or what stands behind it. */
  on: 'key' | 'value';
  /** What was read, what is allowed; follows the place and the path. */
  message: string;
}

export const problem = (path: Path, message: string, on: Problem['on'] = 'value'): Problem => ({
  path,
  on,
  message,
});

/** `streams[0].max_bytes`; a key that is no plain word is quoted, so that it cannot disguise itself. */
export const pathText = (path: Path): string =>
  path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[A-Za-z0-9_-]+$/.test(key)) return `[${shown(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');

/** A value that was read, as one short line without anything that a terminal would obey. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'nothing';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
  const visible = text.replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return visible.length > 70 ? `${visible.slice(0, 60)}…"` : visible;
}

/** What the schema found wrong with `input`, one problem for each key or value. */
export const schemaProblems = (error: z.ZodError, input: unknown): Problem[] =>
  problemsOf(error.issues, input, []);

const problemsOf = (issues: readonly z.core.$ZodIssue[], input: unknown, above: Path): Problem[] =>
  issues.flatMap((issue): Problem[] => {
    const path = [...above, ...issue.path.filter((key): key is string | number => typeof key !== 'symbol')];
    if (issue.code === 'invalid_union' && isMap(valueAt(input, path))) {
      // Of a word or a map, a map was meant: what is wrong in it says more than what else there could be.
      const within = issue.errors.filter((each) => each.every((inner) => !isWrongKind(inner)));
      if (within.length === 1 && within[0] !== undefined) return problemsOf(within[0], input, path);
    }
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        on: 'key',
        message: unknownWord('unknown key', key, issue.message.split(', ')),
      }));
    }
    if (issue.code === 'custom' && issue.params?.on === 'key') {
      return [{ path, on: 'key', message: `the name ${shown(path.at(-1))} is ${issue.message}` }];
    }
    const value = valueAt(input, path);
    const read = value === undefined ? 'missing;' : `${shown(value)}:`;
    return [{ path, on: 'value', message: `${read} ${issue.message}` }];
  });

const isMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The union's member is of another kind altogether, such as a word. */
const isWrongKind = (issue: z.core.$ZodIssue): boolean =>
  issue.path.length === 0 && issue.code !== 'unrecognized_keys' && issue.code !== 'custom';

/** `unknown key; did you mean "streams"? allowed: …` */
export function unknownWord(what: string, word: string, allowed: readonly string[]): string {
  const near = nearest(word, allowed);
  const suggestion = near === undefined ? '' : ` did you mean "${near}"?`;
  return `${what};${suggestion} ${allowed.length === 0 ? 'there are none' : `allowed: ${allowed.join(', ')}`}`;
}

export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current;
}
