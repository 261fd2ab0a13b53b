import { valueAt } from '../../config/problems.ts';
import { formatDuration, parseDuration } from '../../topology/durations.ts';
import type { YamlPath } from '../compose/yaml-parts.ts';
import type { DeclaredProject, TextSpan, YamlText } from '../facts.ts';
import type { Place } from '../finding.ts';

/** How a kind of file spells the fields of the model, and how it writes durations. */
export interface Dialect {
  /** `maxBytes` → `max_bytes` */
  key(field: string): string;
  /** Milliseconds; undefined for what is no duration there. */
  read(value: unknown): number | undefined;
  write(ms: number): string;
}

const snakeCase = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const readText = (value: unknown): number | undefined => {
  const reading = typeof value === 'string' ? parseDuration(value) : undefined;
  return reading?.ok ? reading.value : undefined;
};

/** devenv.yaml. */
export const DECLARATION: Dialect = { key: snakeCase, read: readText, write: formatDuration };

const NANOSECONDS = 1_000_000;
const API_NAMES = new Map([
  ['replicas', 'num_replicas'],
  ['durable', 'durable_name'],
  ['stream', 'stream_name'],
]);

/** Requests of the JetStream API, and what `nats stream add --config` takes: nanoseconds. */
export const API: Dialect = {
  key: (field) => API_NAMES.get(field) ?? snakeCase(field),
  read: (value) => (typeof value === 'number' ? value / NANOSECONDS : undefined),
  // As text, so that no exponent appears in a large number.
  write: (ms) => BigInt(Math.round(ms * NANOSECONDS)).toString(),
};

const CONTROLLER_NAMES = new Map([
  ['durable', 'durableName'],
  ['stream', 'streamName'],
  ['idleHeartbeat', 'heartbeatInterval'],
]);

/** Resources of the JetStream controller for Kubernetes. https://github.com/nats-io/nack/blob/main/docs/api.md */
export const CONTROLLER: Dialect = {
  key: (field) => CONTROLLER_NAMES.get(field) ?? field,
  read: readText,
  write: formatDuration,
};

/** What a rule asks of a thing in a file, about any of its fields. */
export interface Spelled<Field extends string, Part extends string> {
  /** How the field is spelled there: `max_bytes`, `maxBytes`. */
  spelling(field: Field): string;
  /** How a duration is written there: `2m`, `120000000000`. */
  duration(ms: number): string;
  /** Of the whole thing, of a field, or of an item of a field that is a list. */
  place(field?: Field | Part, item?: number): Place;
  scalar(field: Field, item?: number): TextSpan | null;
  isWritten(field: Field): boolean;
}

/** `spelling` where the dialect has several names for one field. */
export function spelled<Field extends string, Part extends string>(
  file: DeclaredProject | YamlText,
  path: YamlPath,
  dialect: Dialect,
  spelling: (field: Field | Part) => string = dialect.key,
): Spelled<Field, Part> {
  const written = (at: YamlPath): unknown => ('written' in file ? file.written(at) : valueAt(file.value, at));
  const at = (field?: Field | Part, item?: number): YamlPath => [
    ...path,
    ...(field === undefined ? [] : [spelling(field)]),
    ...(item === undefined ? [] : [item]),
  ];
  return {
    spelling,
    duration: dialect.write,
    place: (field, item) => file.place(at(field, item)),
    scalar: (field, item) => file.scalar(at(field, item)),
    isWritten: (field) => written(at(field)) !== undefined,
  };
}
