import type { ConfDocument, ConfValue } from '../../../../src/doctor/nats-conf/document.ts';
import { type ParseOptions, parseConf } from '../../../../src/doctor/nats-conf/parse.ts';

/** Files beside `nats.conf`, by the path as the reader asks for it. */
type Others = Readonly<Record<string, string>>;

export function readConf(
  text: string,
  { files = {}, ...options }: Partial<Omit<ParseOptions, 'read'>> & { files?: Others } = {},
): ConfDocument {
  return parseConf('nats.conf', text, {
    env: {},
    ...options,
    read: (path) =>
      Object.hasOwn(files, path)
        ? { text: files[path]! }
        : { error: 'missing', reason: `open ${path}: no such file or directory` },
  });
}

/** A value without its places. */
export function plain(value: ConfValue): unknown {
  switch (value.kind) {
    case 'list':
      return value.items.map(plain);
    case 'map':
      return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
    default:
      return value.value;
  }
}

/** All top-level values, the last of each key. */
export const plainConf = ({ entries }: ConfDocument): Record<string, unknown> =>
  Object.fromEntries(entries.map(({ key, value }) => [key, plain(value)]));

/** `line:column code message` of every problem. */
export const problemsOf = ({ problems }: ConfDocument): string[] =>
  problems.map(({ code, span, message }) => `${span.file}:${span.line}:${span.column} ${code} ${message}`);
