import { present } from '../../topology/present.ts';
import type { YamlMap } from '../compose/yaml-parts.ts';
import type { YamlText } from '../facts.ts';
import type { ConsumerFields, WrittenConsumer } from './consumer.ts';
import { API, spelled } from './dialect.ts';
import { isTold, type ManifestEntry, manifestEntries } from './manifest-entries.ts';

/** Consumers in files for other tools. */
export const manifestConsumers = (file: YamlText): WrittenConsumer[] =>
  manifestEntries(file, 'Consumer')
    .filter(isConsumer)
    .map((entry) => written(file, entry));

/** Names that only a consumer's configuration has; what has subjects is a stream's. */
const TELLING = [
  'durable_name',
  'ack_policy',
  'deliver_policy',
  'ack_wait',
  'max_ack_pending',
  'max_deliver',
];

const isConsumer = ({ value, dialect }: ManifestEntry): boolean =>
  dialect !== API || (!('subjects' in value) && isTold(value, TELLING));

/** What a file has besides the fields that rules look at. */
type Part = 'name' | 'stream' | 'durable' | 'filterSubject' | 'deliverSubject';

function written(file: YamlText, { value, path, dialect, around }: ManifestEntry): WrittenConsumer {
  const given = (field: keyof ConsumerFields | Part): unknown => value[dialect.key(field)];
  const durable = textOf(given('durable'));
  const stream = textOf(given('stream')) ?? textOf(around?.stream_name);
  const name = durable ?? textOf(given('name')) ?? 'without a name';
  // One filter and a list of filters are two fields.
  const isFilterList = Array.isArray(given('filterSubjects'));
  const spelling = (field: keyof ConsumerFields | 'name' | 'stream'): string => {
    if (field === 'name' && durable !== undefined) return dialect.key('durable');
    return dialect.key(field === 'filterSubjects' && !isFilterList ? 'filterSubject' : field);
  };
  return {
    title: stream === undefined ? `consumer ${name}` : `consumer ${stream}/${name}`,
    streams: stream === undefined ? [] : [stream],
    name,
    account: null,
    durable: durable !== undefined,
    delivery: textOf(given('deliverSubject')) === undefined ? 'pull' : 'push',
    fields: fieldsOf(given, dialect.read),
    ...spelled(file, path, dialect, spelling),
  };
}

function fieldsOf(
  given: (field: keyof ConsumerFields | 'filterSubject') => YamlMap[string],
  read: (value: unknown) => number | undefined,
): ConsumerFields {
  const number = (field: 'maxDeliver' | 'maxAckPending'): number | undefined => {
    const found = given(field);
    return typeof found === 'number' ? found : undefined;
  };
  const filters = given('filterSubjects');
  const filter = textOf(given('filterSubject'));
  const delays = given('backoff');
  const backoff = Array.isArray(delays) ? delays.map(read) : [];
  return present({
    filterSubjects: Array.isArray(filters) ? filters.map(String) : filter === undefined ? [] : [filter],
    ackPolicy: textOf(given('ackPolicy')),
    ackWait: read(given('ackWait')),
    inactiveThreshold: read(given('inactiveThreshold')),
    idleHeartbeat: read(given('idleHeartbeat')),
    maxDeliver: number('maxDeliver'),
    maxAckPending: number('maxAckPending'),
    backoff: backoff.length > 0 && backoff.every((ms) => ms !== undefined) ? backoff : undefined,
    deliverPolicy: textOf(given('deliverPolicy')),
  });
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
