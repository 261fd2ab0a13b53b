import { type Document, isMap, isNode, isScalar, LineCounter, visit } from 'yaml';
import type { Path } from './problems.ts';
import { composeYaml, YamlLimitError } from './yaml-limits.ts';
import { offsetOf, scalarRange } from './yaml-places.ts';

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
  /** The scalar behind a path as it is written, by offsets in UTF-16 units. */
  scalar(path: Path): { start: number; end: number } | undefined;
}

/** The yaml package's own limit. */
const MOST_ALIASES = 100;

type YamlError = Position & { message: string };

const OPTIONS = {
  merge: true,
  // Looked for below: the package compares every key with every other, which takes minutes in a hostile file.
  uniqueKeys: false,
  prettyErrors: false,
  // With 'silent' a second document would be dropped without an error.
  logLevel: 'error',
} as const;

/** Reads the text of a devenv.yaml. Never throws. */
export function parseYaml(text: string): YamlFile {
  const read = reader();
  return read.guarded(() => {
    const [document, second] = composeYaml(text, { ...OPTIONS, lineCounter: read.lines }, { single: true });
    return read.asFile(document!, {
      warnings: true,
      second,
      prepare: () => keepEnvironmentAsWritten(document!),
    });
  });
}

/**
 * Reads the YAML (or JSON) of somebody else: one entry for each document that is not empty. Tags that this reader does
 * not know (`!override` in Compose files, `!vault`) are no error. Never throws.
 */
export function parseYamlDocuments(text: string): readonly YamlFile[] {
  const read = reader();
  let documents: Document.Parsed[] = [];
  const failed = read.guarded(() => {
    documents = composeYaml(text, { ...OPTIONS, lineCounter: read.lines });
    return undefined;
  });
  if (failed !== undefined) return [failed];
  return documents
    .map((document) => read.guarded(() => read.asFile(document, { warnings: false })))
    .filter(({ value, errors }) => value !== undefined || errors.length > 0);
}

/** What both readings share: places, and errors instead of exceptions. */
function reader() {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const failed = (...errors: YamlError[]): YamlFile => ({
    value: undefined,
    errors,
    position: () => undefined,
    scalar: () => undefined,
  });
  const asFile = (
    document: Document.Parsed,
    {
      warnings,
      prepare,
      second,
    }: { warnings: boolean; prepare?: () => void; second?: Document.Parsed | undefined },
  ): YamlFile => {
    const errors = [...document.errors, ...(warnings ? document.warnings : [])].map((error) => ({
      ...at(error.pos[0]),
      message: firstLine(error.message),
    }));
    if (second !== undefined)
      errors.push({ ...at(second.range[0]), message: 'a second document begins here; one is read' });
    if (errors.some(({ message }) => message.includes('call stack'))) throw new RangeError('nested');
    errors.push(...refusedNodes(document, at));
    if (errors.length > 0) return failed(...errors);
    prepare?.();
    const value: unknown = document.toJS();
    return {
      value: value ?? undefined,
      errors: [],
      position: (path, on) => {
        const offset = offsetOf(document, path, on);
        return offset === undefined ? undefined : at(offset);
      },
      scalar: (path) => {
        const range = scalarRange(document, path);
        return range === undefined ? undefined : { start: range[0], end: range[1] };
      },
    };
  };
  function guarded<T>(body: () => T): T | YamlFile {
    try {
      return body();
    } catch (error) {
      if (error instanceof YamlLimitError) return failed({ ...at(error.offset), message: error.message });
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
  return { lines, asFile, guarded };
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
