import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
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
      prettyErrors: false,
      logLevel: 'silent',
    });
    const errors = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
      ...at(pos[0]),
      message: firstLine(message),
    }));
    errors.push(...forbiddenKeys(document, at));
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
      // What the yaml package throws at more than 100 uses of aliases, each of which may contain others.
      return failed({ line: 1, column: 1, message: 'uses aliases (*name) more often than is sensible' });
    }
    return failed({ line: 1, column: 1, message: firstLine(String((error as Error).message)) });
  }
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? message;

/** `__proto__` is no key of ours, and assigning it would change an object instead of filling it. */
function forbiddenKeys(document: Document.Parsed, at: (offset: number) => Position): YamlError[] {
  const errors: YamlError[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__') {
        errors.push({ ...at(key.range?.[0] ?? 0), message: 'unknown key "__proto__"' });
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

function offsetOf(document: Document.Parsed, path: Path, on: 'key' | 'value'): number | undefined {
  let node: Node | ParsedNode | null | undefined = document.contents;
  let enclosing: number | undefined;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
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
  const isPlainValue = isScalar(node) && node.source !== '';
  return on === 'value' && (isPlainValue || isAlias(node)) ? (node?.range?.[0] ?? enclosing) : enclosing;
}
