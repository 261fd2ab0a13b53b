import { present } from '../../topology/present.ts';
import { isMap, type YamlMap } from '../compose/yaml-parts.ts';
import type { YamlText } from '../facts.ts';
import { API, CONTROLLER, type Dialect, spelled } from './dialect.ts';
import { isTold, type ManifestEntry, manifestEntries } from './manifest-entries.ts';
import type { StreamFields, WrittenStream } from './stream.ts';

/** Streams in files for other tools. Such files name no account: `account` is taken for all of them. */
export const manifestStreams = (text: YamlText, account: string): WrittenStream[] =>
  manifestEntries(text, 'Stream')
    .filter(isStream)
    .map((entry) => written(text, entry, account));

/** Configurations in the words of the JetStream API. */
export const apiStreams = (text: YamlText): ManifestEntry[] =>
  manifestEntries(text, 'Stream').filter((entry) => entry.dialect === API && isStream(entry));

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

/** With subjects a name is enough: it is the other fields that may be misspelt. A resource says itself what it is. */
const isStream = ({ value, dialect }: ManifestEntry): boolean =>
  dialect !== API ||
  (typeof value.name === 'string' && (Array.isArray(value.subjects) || isTold(value, TELLING)));

function written(file: YamlText, { value, path, dialect }: ManifestEntry, account: string): WrittenStream {
  const name = typeof value.name === 'string' ? value.name : 'without a name';
  const fields = fieldsOf(value, dialect);
  const captured = (fields.subjects ?? []).map((pattern, item) => ({ stream: name, pattern, item }));
  return {
    title: `stream ${name} of ${file.file}`,
    kind: 'manifest',
    name,
    account,
    fields,
    captured,
    reach: captured.map(({ pattern }) => pattern),
    ...spelled(file, path, dialect),
  };
}

function fieldsOf(value: YamlMap, dialect: Dialect): StreamFields {
  const { key, read } = dialect;
  const given = (field: keyof StreamFields): unknown => value[key(field)];
  const word = <T extends string>(field: keyof StreamFields, words: readonly T[]): T | undefined =>
    words.find((each) => each === given(field));
  const number = (field: keyof StreamFields): number | undefined => {
    const found = given(field);
    return typeof found === 'number' ? found : undefined;
  };
  const placement = given('placement');
  const tags = isMap(placement) && Array.isArray(placement.tags) ? placement.tags : [];
  return present({
    subjects: subjectsOf(value),
    // The API's own default is file; the controller's is memory (its docs/api.md).
    storage: word('storage', ['file', 'memory']) ?? (dialect === CONTROLLER ? 'memory' : undefined),
    retention: word('retention', ['limits', 'interest', 'workqueue']),
    discard: word('discard', ['old', 'new']),
    maxBytes: number('maxBytes'),
    maxAge: read(given('maxAge')),
    maxMsgs: number('maxMsgs'),
    maxMsgSize: number('maxMsgSize'),
    duplicateWindow: read(given('duplicateWindow')),
    replicas: number('replicas'),
    placement: tags.map(String),
    noAck: given('noAck') === true ? true : undefined,
  });
}

/** Without subjects, a stream that copies no other takes its own name for one. */
function subjectsOf({ name, subjects, mirror, sources }: YamlMap): readonly string[] {
  const given = Array.isArray(subjects)
    ? subjects.filter((each): each is string => typeof each === 'string')
    : [];
  if (given.length > 0 || mirror !== undefined || sources !== undefined) return given;
  return typeof name === 'string' ? [name] : [];
}
