import { formatDuration } from '../../topology/durations.ts';
import type { CreatedStream, StreamFamily } from '../../topology/model.ts';
import type { DeclaredProject, StaticFacts } from '../facts.ts';
import { manifestStreams } from './manifest-streams.ts';
import type { Captured, StreamFields, WrittenStream } from './stream.ts';

const SPELLING: Record<keyof StreamFields | 'name', string> = {
  name: 'name',
  subjects: 'subjects',
  storage: 'storage',
  retention: 'retention',
  discard: 'discard',
  maxBytes: 'max_bytes',
  maxAge: 'max_age',
  maxMsgs: 'max_msgs',
  maxMsgSize: 'max_msg_size',
  duplicateWindow: 'duplicate_window',
  replicas: 'replicas',
  placement: 'placement',
  noAck: 'no_ack',
};

const known = new WeakMap<StaticFacts, readonly WrittenStream[]>();

/** Every stream that any of the files tells of: those that devenv makes, then those of services, then other files. */
export function writtenStreams(facts: StaticFacts): readonly WrittenStream[] {
  let streams = known.get(facts);
  if (streams === undefined) {
    const account = facts.project?.topology.accounts[0]?.name ?? '$G';
    streams = [
      ...(facts.project === null ? [] : declared(facts.project)),
      ...facts.manifests.flatMap((text) => manifestStreams(text, account)),
    ];
    known.set(facts, streams);
  }
  return streams;
}

function declared(project: DeclaredProject): WrittenStream[] {
  const { streams, families, services } = project.topology;
  return [
    ...streams
      .filter(({ family }) => family === undefined)
      .map((stream, index) =>
        inProject(project, stream, {
          title: `stream ${stream.name}`,
          kind: 'stream',
          account: stream.account,
          path: ['streams', index],
        }),
      ),
    ...families.map((family, index) => ({
      ...inProject(project, family.pattern, {
        title: `family ${family.name}`,
        kind: 'family',
        account: family.pattern.account,
        path: ['families', index],
      }),
      ...capturedByFamily(family),
    })),
    ...services.flatMap(({ name, account, creates }) =>
      creates.streams.map((stream, index) =>
        inProject(project, stream, {
          title: `stream ${stream.name} of service ${name}`,
          kind: 'created',
          service: name,
          account: stream.account ?? account,
          path: ['services', name, 'creates', 'streams', index],
        }),
      ),
    ),
  ];
}

function inProject(
  project: DeclaredProject,
  stream: CreatedStream,
  {
    path,
    ...whose
  }: Pick<WrittenStream, 'title' | 'kind' | 'service' | 'account'> & { path: readonly (string | number)[] },
): WrittenStream {
  const { name, account: _, family: __, ...fields } = stream;
  const at = (field?: keyof StreamFields | 'name', item?: number) => [
    ...path,
    ...(field === undefined ? [] : [SPELLING[field]]),
    ...(item === undefined ? [] : [item]),
  ];
  const captured = capturedBy(name, fields.subjects ?? []);
  return {
    ...whose,
    name,
    fields,
    captured,
    reach: captured.map(({ pattern }) => pattern),
    spelling: (field) => SPELLING[field],
    duration: formatDuration,
    place: (field, item) => project.place(at(field, item)),
    scalar: (field, item) => project.scalar(at(field, item)),
    isWritten: (field) => project.written(at(field)) !== undefined,
  };
}

/** What a service creates for any channel has its own placeholder, which stands for any word. */
const capturedBy = (stream: string, subjects: readonly string[]): Captured[] =>
  subjects.map((subject, item) => ({ stream, pattern: withStars(subject), item }));

function capturedByFamily({
  placeholder,
  members,
  atMost,
  pattern,
}: StreamFamily): Pick<WrittenStream, 'captured' | 'reach'> {
  const all = atMost > members.length ? [...members, '{}'] : members;
  return {
    captured: all.flatMap((member) => {
      const filled = (text: string) => text.replaceAll(`{${placeholder}}`, () => member);
      return pattern.subjects.map((subject, item) => ({
        stream: filled(pattern.name),
        pattern: filled(subject),
        item,
      }));
    }),
    reach: pattern.subjects.map(withStars),
  };
}

/** `chat.{channel}.post` → `chat.*.post` */
const withStars = (subject: string): string =>
  subject
    .split('.')
    .map((word) => (/\{[^{}]+\}/.test(word) ? '*' : word))
    .join('.');
