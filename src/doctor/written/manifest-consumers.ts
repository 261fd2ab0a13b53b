import { formatDuration, parseDuration } from '../../topology/durations.ts';
import type { YamlText } from '../facts.ts';
import type { ConsumerFields, WrittenConsumer } from './consumer.ts';

type Plain = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/**
 * Consumers in files for other tools: a configuration as `nats consumer add --config` and the JetStream API take it
 * (snake_case, nanoseconds), alone, in a list, or with its stream's name around it; and `kind: Consumer` of the
 * JetStream controller for Kubernetes (camelCase, durations as text).
 */
export function manifestConsumers(text: YamlText): WrittenConsumer[] {
  return candidates(text.value).flatMap(({ value, path, stream }) => {
    if (isControllerResource(value))
      return [written(text, value.spec as Plain, [...path, 'spec'], CONTROLLER, stream)];
    return isConfiguration(value) ? [written(text, value, path, API, stream)] : [];
  });
}

interface Candidate {
  value: Plain;
  path: Path;
  stream: string | null;
}

function candidates(value: unknown): Candidate[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      candidates(item).map((candidate) => ({ ...candidate, path: [index, ...candidate.path] })),
    );
  }
  if (!isPlain(value)) return [];
  const stream = text(value.stream_name);
  return [
    { value, path: [], stream },
    ...(isPlain(value.config) ? [{ value: value.config, path: ['config'], stream }] : []),
  ];
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Names that only a consumer's configuration has; what has subjects is a stream's. */
const TELLING = [
  'durable_name',
  'ack_policy',
  'deliver_policy',
  'ack_wait',
  'max_ack_pending',
  'max_deliver',
];

const isConfiguration = (value: Plain): boolean =>
  !('subjects' in value) && TELLING.filter((key) => Object.hasOwn(value, key)).length >= 2;

const isControllerResource = ({ apiVersion, kind, spec }: Plain): boolean =>
  typeof apiVersion === 'string' &&
  apiVersion.startsWith('jetstream.nats.io/') &&
  kind === 'Consumer' &&
  isPlain(spec);

interface Dialect {
  keys: Record<
    keyof ConsumerFields | 'filterSubject' | 'durable' | 'name' | 'stream' | 'deliverSubject',
    string
  >;
  /** Milliseconds; undefined for what is no duration there. */
  read(value: unknown): number | undefined;
  write(ms: number): string;
}

const NANOSECONDS = 1_000_000;

const API: Dialect = {
  keys: {
    filterSubjects: 'filter_subjects',
    filterSubject: 'filter_subject',
    ackPolicy: 'ack_policy',
    ackWait: 'ack_wait',
    maxDeliver: 'max_deliver',
    backoff: 'backoff',
    maxAckPending: 'max_ack_pending',
    deliverPolicy: 'deliver_policy',
    inactiveThreshold: 'inactive_threshold',
    idleHeartbeat: 'idle_heartbeat',
    durable: 'durable_name',
    name: 'name',
    stream: 'stream_name',
    deliverSubject: 'deliver_subject',
  },
  read: (value) => (typeof value === 'number' ? value / NANOSECONDS : undefined),
  // As text, so that no exponent appears in a large number.
  write: (ms) => BigInt(Math.round(ms * NANOSECONDS)).toString(),
};

const CONTROLLER: Dialect = {
  keys: {
    filterSubjects: 'filterSubjects',
    filterSubject: 'filterSubject',
    ackPolicy: 'ackPolicy',
    ackWait: 'ackWait',
    maxDeliver: 'maxDeliver',
    backoff: 'backoff',
    maxAckPending: 'maxAckPending',
    deliverPolicy: 'deliverPolicy',
    inactiveThreshold: 'inactiveThreshold',
    idleHeartbeat: 'heartbeatInterval',
    durable: 'durableName',
    name: 'name',
    stream: 'streamName',
    deliverSubject: 'deliverSubject',
  },
  read: (value) => {
    if (typeof value !== 'string') return undefined;
    const reading = parseDuration(value);
    return reading.ok ? reading.value : undefined;
  },
  write: formatDuration,
};

function written(
  file: YamlText,
  value: Plain,
  path: Path,
  { keys, read, write }: Dialect,
  streamAround: string | null,
): WrittenConsumer {
  const stream = text(value[keys.stream]) ?? streamAround;
  const durable = text(value[keys.durable]);
  const name = durable ?? text(value[keys.name]) ?? 'without a name';
  const number = (field: 'maxDeliver' | 'maxAckPending') => {
    const found = value[keys[field]];
    return typeof found === 'number' ? { [field]: found } : {};
  };
  const milliseconds = (field: 'ackWait' | 'inactiveThreshold' | 'idleHeartbeat') => {
    const found = read(value[keys[field]]);
    return found === undefined ? {} : { [field]: found };
  };
  const delays = value[keys.backoff];
  const backoff = Array.isArray(delays) ? delays.map(read) : [];
  const deliverPolicy = text(value[keys.deliverPolicy]);
  const ackPolicy = text(value[keys.ackPolicy]);
  const filter = text(value[keys.filterSubject]);
  const filters = value[keys.filterSubjects];
  const filterSubjects = Array.isArray(filters) ? filters.map(String) : filter === null ? [] : [filter];
  // One filter and a list of filters are two fields.
  const spelling = (field: keyof ConsumerFields | 'name' | 'stream'): string => {
    if (field === 'name' && durable !== null) return keys.durable;
    return keys[field === 'filterSubjects' && !Array.isArray(filters) ? 'filterSubject' : field];
  };
  return {
    title: stream === null ? `consumer ${name}` : `consumer ${stream}/${name}`,
    streams: stream === null ? [] : [stream],
    name,
    account: null,
    durable: durable !== null,
    delivery: text(value[keys.deliverSubject]) === null ? 'pull' : 'push',
    fields: {
      filterSubjects,
      ...(ackPolicy === null ? {} : { ackPolicy }),
      ...milliseconds('ackWait'),
      ...milliseconds('inactiveThreshold'),
      ...milliseconds('idleHeartbeat'),
      ...number('maxDeliver'),
      ...number('maxAckPending'),
      ...(backoff.every((ms) => ms !== undefined) && backoff.length > 0 ? { backoff } : {}),
      ...(deliverPolicy === null ? {} : { deliverPolicy }),
    },
    spelling,
    duration: write,
    place: (field, item) =>
      file.place([
        ...path,
        ...(field === undefined ? [] : [spelling(field)]),
        ...(item === undefined ? [] : [item]),
      ]),
    scalar: (field) => file.scalar([...path, spelling(field)]),
    isWritten: (field) => Object.hasOwn(value, spelling(field)),
  };
}
