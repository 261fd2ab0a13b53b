import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Path } from './problems.ts';

/** Lines and columns count from 1. */
export interface Position {
  line: number;
  column: number;
}

export interface YamlFile {
  /** The content as plain data, or undefined when the file is empty or cannot be read as YAML. */
  value: unknown;
  /** What is wrong with the text itself. */
  errors: readonly (Position & { message: string })[];
  /** The position of a value, or of its key; of the nearest enclosing part that is there, but never of the whole file. */
  position(path: Path, on: 'key' | 'value'): Position | undefined;
}

/** The yaml package's own limit. */
const MOST_ALIASES = 100;

type YamlError = Position & { message: string };

/** Reads the text of a devenv.yaml. Never throws. */
export function parseYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const failed = (...errors: YamlError[]): YamlFile => ({
    value: undefined,
    errors,
    position: () => undefined,
  });
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      merge: true,
      // Looked for below: the package compares every key with every other, which takes minutes in a hostile file.
      uniqueKeys: false,
      prettyErrors: false,
      // With 'silent' a second document would be dropped without an error.
      logLevel: 'error',
    });
    const errors = [...document.errors, ...document.warnings].map((error) => ({
      ...at(error.pos[0]),
      message: explained(error),
    }));
    if (errors.some(({ message }) => message.includes('call stack'))) throw new RangeError('nested');
    errors.push(...refusedNodes(document, at));
    if (errors.length > 0) return failed(...errors);
    keepEnvironmentAsWritten(document);
    const value: unknown = document.toJS();
    return {
      value: value ?? undefined,
      errors: [],
      position: (path, on) => {
        const offset = offsetOf(document, path, on);
        return offset === undefined ? undefined : at(offset);
      },
    };
  } catch (error) {
    if (error instanceof RangeError) {
      return failed({ line: 1, column: 1, message: 'is nested too deeply to be read' });
    }
    if (error instanceof ReferenceError) {
      // Also what the yaml package throws at aliases that contain aliases that contain aliases.
      return failed({ line: 1, column: 1, message: 'uses aliases (*name) more often than is sensible' });
    }
    return failed({ line: 1, column: 1, message: firstLine(String((error as Error).message)) });
  }
}

/** What the yaml package says, where it would say it to programmers. */
function explained({ code, message }: { code: string; message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; one is read';
  return firstLine(message);
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? message;

/**
 * What YAML allows and plain data does not: a key twice in one map, a key that is no word, `__proto__` (which would
 * change an object instead of filling it), and an alias to the part that it stands in.
 */
function refusedNodes(document: Document.Parsed, at: (offset: number) => Position): YamlError[] {
  const errors: YamlError[] = [];
  const refuse = (node: unknown, message: string) =>
    errors.push({ ...at((isNode(node) ? node.range?.[0] : undefined) ?? 0), message });
  let aliases = 0;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === null) {
          refuse(key, 'a key has to be a word');
          continue;
        }
        const name = String(key.value);
        if (name === '__proto__') refuse(key, 'unknown key "__proto__"');
        if (seen.has(name)) refuse(key, 'this key was already given above');
        seen.add(name);
      }
    },
    Alias(_, alias, ancestors) {
      aliases += 1;
      // To resolve one is to walk through the file.
      if (aliases > MOST_ALIASES) throw new ReferenceError('too many aliases');
      const target = alias.resolve(document);
      if (target !== undefined && ancestors.includes(target)) {
        refuse(alias, `*${alias.source} refers to the part that it stands in`);
      }
    },
  });
  return errors;
}

/** `VERSION: 1.10` means the text 1.10, not the number 1.1: environment values are taken as they are written. */
function keepEnvironmentAsWritten(document: Document.Parsed): void {
  const services = document.get('services', true);
  if (!isMap(services)) return;
  for (const { value: service } of services.items) {
    const environment = isMap(service) ? service.get('environment', true) : undefined;
    if (!isMap(environment)) continue;
    for (const { value } of environment.items) {
      if (isScalar(value) && value.value !== null && value.source !== undefined) value.value = value.source;
    }
  }
}

const indexes = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

/** Made once for each map: thousands of problems in one map must not each search it. */
function pairsByKey(map: YAMLMap): ReadonlyMap<string, Pair> {
  const known = indexes.get(map);
  if (known !== undefined) return known;
  const index = new Map(
    map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])),
  );
  indexes.set(map, index);
  return index;
}

function offsetOf(document: Document.Parsed, path: Path, on: 'key' | 'value'): number | undefined {
  let node: Node | ParsedNode | null | undefined = document.contents;
  let enclosing: number | undefined;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = pairsByKey(node).get(String(key));
      if (pair === undefined) return enclosing;
      enclosing = (pair.key as Node).range?.[0] ?? enclosing;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = typeof key === 'number' ? (node.items[key] as Node | undefined) : undefined;
      if (node === undefined) return enclosing;
      enclosing = node.range?.[0] ?? enclosing;
    } else {
      return enclosing;
    }
  }
  if (path.length === 0) return node?.range?.[0] ?? 0;
  const isWritten = isScalar(node) && node.range?.[0] !== node.range?.[1];
  return on === 'value' && (isWritten || isAlias(node)) ? (node?.range?.[0] ?? enclosing) : enclosing;
}
