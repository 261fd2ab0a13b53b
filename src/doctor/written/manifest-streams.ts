import { formatDuration, parseDuration } from '../../topology/durations.ts';
import type { YamlText } from '../facts.ts';
import type { StreamFields, WrittenStream } from './stream.ts';

export type Plain = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

/** A stream's configuration in a file of somebody else. */
export interface ManifestEntry {
  value: Plain;
  path: Path;
}

/**
 * Streams in files for other tools: a configuration as `nats stream add --config` and the JetStream API take it
 * (snake_case, nanoseconds), alone, in a list, or as `config` of what `nats stream info --json` prints; and
 * `kind: Stream` of the JetStream controller for Kubernetes (camelCase, durations as text). Such files name no account:
 * `account` is taken for all of them.
 */
export const manifestStreams = (text: YamlText, account: string): WrittenStream[] => [
  ...apiStreams(text).map((entry) => written(text, entry, API, account)),
  ...resources(text.value).map((entry) => written(text, entry, CONTROLLER, account)),
];

/** Configurations in the words of the JetStream API. */
export const apiStreams = (text: YamlText): ManifestEntry[] =>
  entries(text.value).filter(({ value }) => isConfiguration(value));

function entries(value: unknown): ManifestEntry[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      entries(item).map((entry) => ({ ...entry, path: [index, ...entry.path] })),
    );
  }
  if (!isPlain(value)) return [];
  return [
    { value, path: [] },
    ...(isPlain(value.config) ? [{ value: value.config, path: ['config'] }] : []),
    ...(Array.isArray(value.streams)
      ? entries(value.streams).map((entry) => ({ ...entry, path: ['streams', ...entry.path] }))
      : []),
  ];
}

const resources = (value: unknown): ManifestEntry[] =>
  entries(value)
    .filter(
      ({ value: { apiVersion, kind, spec } }) =>
        typeof apiVersion === 'string' &&
        apiVersion.startsWith('jetstream.nats.io/') &&
        kind === 'Stream' &&
        isPlain(spec),
    )
    .map(({ value, path }) => ({ value: value.spec as Plain, path: [...path, 'spec'] }));

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names that only a stream's configuration has. */
const TELLING = [
  'retention',
  'storage',
  'discard',
  'max_bytes',
  'max_age',
  'max_msgs',
  'max_msg_size',
  'num_replicas',
  'duplicate_window',
  'max_consumers',
];

/** With subjects a name is enough: it is the other fields that may be misspelt. */
const isConfiguration = (value: Plain): boolean =>
  typeof value.name === 'string' &&
  (Array.isArray(value.subjects) || TELLING.filter((key) => Object.hasOwn(value, key)).length >= 2);

interface Dialect {
  keys: Record<keyof StreamFields, string>;
  /** Milliseconds; undefined for what is no duration there. */
  read(value: unknown): number | undefined;
  write(ms: number): string;
}

const NANOSECONDS = 1_000_000;

const API: Dialect = {
  keys: {
    subjects: 'subjects',
    storage: 'storage',
    retention: 'retention',
    discard: 'discard',
    maxBytes: 'max_bytes',
    maxAge: 'max_age',
    maxMsgs: 'max_msgs',
    maxMsgSize: 'max_msg_size',
    duplicateWindow: 'duplicate_window',
    replicas: 'num_replicas',
    placement: 'placement',
    noAck: 'no_ack',
  },
  read: (value) => (typeof value === 'number' ? value / NANOSECONDS : undefined),
  // As text, so that no exponent appears in a large number.
  write: (ms) => BigInt(Math.round(ms * NANOSECONDS)).toString(),
};

const CONTROLLER: Dialect = {
  keys: {
    ...API.keys,
    maxBytes: 'maxBytes',
    maxAge: 'maxAge',
    maxMsgs: 'maxMsgs',
    maxMsgSize: 'maxMsgSize',
    duplicateWindow: 'duplicateWindow',
    replicas: 'replicas',
    noAck: 'noAck',
  },
  read: (value) => {
    const reading = typeof value === 'string' ? parseDuration(value) : undefined;
    return reading?.ok ? reading.value : undefined;
  },
  write: formatDuration,
};

function written(
  file: YamlText,
  { value, path }: ManifestEntry,
  { keys, read, write }: Dialect,
  account: string,
): WrittenStream {
  const name = typeof value.name === 'string' ? value.name : 'without a name';
  const at = (field?: keyof StreamFields | 'name', item?: number) => [
    ...path,
    ...(field === undefined ? [] : [field === 'name' ? 'name' : keys[field]]),
    ...(item === undefined ? [] : [item]),
  ];
  const fields = fieldsOf(value, keys, read);
  const captured = (fields.subjects ?? []).map((pattern, item) => ({ stream: name, pattern, item }));
  return {
    title: `stream ${name} of ${file.file}`,
    kind: 'manifest',
    name,
    account,
    fields,
    captured,
    reach: captured.map(({ pattern }) => pattern),
    spelling: (field) => keys[field],
    duration: write,
    place: (field, item) => file.place(at(field, item)),
    scalar: (field, item) => file.scalar(at(field, item)),
    isWritten: (field) => Object.hasOwn(value, keys[field]),
  };
}

function fieldsOf(value: Plain, keys: Dialect['keys'], read: Dialect['read']): StreamFields {
  const word = <T extends string>(field: keyof StreamFields, words: readonly T[]): T | undefined =>
    words.find((each) => each === value[keys[field]]);
  const number = (field: keyof StreamFields): number | undefined => {
    const found = value[keys[field]];
    return typeof found === 'number' ? found : undefined;
  };
  const tags = isPlain(value.placement) && Array.isArray(value.placement.tags) ? value.placement.tags : [];
  const fields = {
    subjects: subjectsOf(value),
    storage: word('storage', ['file', 'memory']),
    retention: word('retention', ['limits', 'interest', 'workqueue']),
    discard: word('discard', ['old', 'new']),
    maxBytes: number('maxBytes'),
    maxAge: read(value[keys.maxAge]),
    maxMsgs: number('maxMsgs'),
    maxMsgSize: number('maxMsgSize'),
    duplicateWindow: read(value[keys.duplicateWindow]),
    replicas: number('replicas'),
    placement: tags.map(String),
    noAck: value[keys.noAck] === true ? true : undefined,
  };
  return Object.fromEntries(
    Object.entries(fields).filter(([, field]) => field !== undefined),
  ) as StreamFields;
}

/** Without subjects, a stream that copies no other takes its own name for one. */
function subjectsOf({ name, subjects, mirror, sources }: Plain): readonly string[] {
  const given = Array.isArray(subjects)
    ? subjects.filter((each): each is string => typeof each === 'string')
    : [];
  if (given.length > 0 || mirror !== undefined || sources !== undefined) return given;
  return typeof name === 'string' ? [name] : [];
}
