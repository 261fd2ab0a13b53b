import { formatDuration } from '../../../topology/durations.ts';
import { formatSize } from '../../../topology/sizes.ts';
import type { StaticFacts } from '../../facts.ts';
import type { StreamFields, WrittenStream } from '../../written/stream.ts';
import { writtenStreams } from '../../written/streams.ts';

/** Two descriptions of one stream; the second one is compared with the first. */
export interface DescriptionPair {
  /** The stream itself: of a family, one of its members. */
  name: string;
  first: WrittenStream;
  second: WrittenStream;
  /** Fields that both set, to different values. */
  differences: readonly FieldDifference[];
}

export interface FieldDifference {
  field: keyof StreamFields;
  /** As text, for messages. */
  first: string;
  second: string;
}

/**
 * Every stream that is described more than once: what devenv makes comes first, and each other description is held
 * against it.
 */
export function describedTwice(facts: StaticFacts): readonly DescriptionPair[] {
  const groups = new Map<string, { name: string; streams: WrittenStream[] }>();
  for (const stream of writtenStreams(facts)) {
    const names = new Set([stream.name, ...stream.captured.map((captured) => captured.stream)]);
    for (const name of names) {
      const key = JSON.stringify([stream.account, name]);
      const group = groups.get(key) ?? { name, streams: [] };
      groups.set(key, group);
      group.streams.push(stream);
    }
  }
  return [...groups.values()].flatMap(({ name, streams: [first, ...others] }) =>
    first === undefined
      ? []
      : others.map((second) => ({ name, first, second, differences: differencesOf(name, first, second) })),
  );
}

/** Subjects of that stream alone. */
export function subjectsOf({ captured, fields, name: own }: WrittenStream, name: string): readonly string[] {
  const ofMember = captured.filter(({ stream }) => stream === name).map(({ pattern }) => pattern);
  return ofMember.length > 0 || own !== name ? ofMember : (fields.subjects ?? []);
}

const COMPARED = [
  'storage',
  'retention',
  'discard',
  'maxBytes',
  'maxAge',
  'maxMsgs',
  'maxMsgSize',
  'duplicateWindow',
  'replicas',
] as const;

function differencesOf(name: string, first: WrittenStream, second: WrittenStream): FieldDifference[] {
  const differences: FieldDifference[] = [];
  if (first.fields.subjects !== undefined && second.fields.subjects !== undefined) {
    const [one, other] = [first, second].map((stream) => shownList(subjectsOf(stream, name)));
    if (one !== other) differences.push({ field: 'subjects', first: one ?? '', second: other ?? '' });
  }
  for (const field of COMPARED) {
    const [one, other] = [first, second].map((stream) => settingOf(stream, field));
    if (one === undefined || other === undefined || one === other) continue;
    differences.push({ field, first: shown(field, one), second: shown(field, other) });
  }
  return differences;
}

/**
 * A file for another tool is all that the server is asked for, so what it leaves out is as the server has it. What the
 * code of a service leaves out is not known.
 */
function settingOf(
  { kind, fields }: WrittenStream,
  field: (typeof COMPARED)[number],
): string | number | undefined {
  return fields[field] ?? (kind === 'manifest' ? SERVER_DEFAULTS[field] : undefined);
}

/** The duplicate window depends on the age. */
const SERVER_DEFAULTS: Partial<Record<(typeof COMPARED)[number], string | number>> = {
  storage: 'file',
  retention: 'limits',
  discard: 'old',
  maxBytes: -1,
  maxAge: 0,
  maxMsgs: -1,
  maxMsgSize: -1,
  replicas: 1,
};

/** The server compares them in their order: `a, b` and `b, a` are two configurations to it. */
const shownList = (subjects: readonly string[]): string => subjects.join(', ');

function shown(field: (typeof COMPARED)[number], value: string | number): string {
  if (typeof value === 'string') return value;
  if (field === 'maxBytes' || field === 'maxMsgSize') return value < 0 ? 'unlimited' : formatSize(value);
  if (field === 'maxAge') return value === 0 ? 'forever' : formatDuration(value);
  if (field === 'duplicateWindow') return formatDuration(value);
  return value < 0 ? 'unlimited' : String(value);
}
