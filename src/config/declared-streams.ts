import type { Consumer, CreatedConsumer, CreatedStream, Stream, StreamFamily } from '../topology/model.ts';
import { present } from '../topology/present.ts';
import { modelKeys } from './model-keys.ts';
import type { Settings } from './settings.ts';
import type { ConsumerSettings, CreatedSettings, FamilySettings } from './stream-settings.ts';

export interface DeclaredStreams {
  streams: Stream[];
  families: StreamFamily[];
  consumers: Consumer[];
}

/** Streams, those of families after the single ones; consumers on a family become one on each member. */
export function declaredStreams(settings: Settings, firstAccount: string): DeclaredStreams {
  const defaults = { account: firstAccount, replicas: Math.min(3, settings.nats.servers) };
  const families = settings.families.map((family) => toFamily(family, defaults));
  const members = families.flatMap(membersOf);
  const streams = [
    ...settings.streams.map((stream) => toStream(stream, defaults)),
    ...members.map(({ stream }) => stream),
  ];
  const filling = new Map(members.map(({ stream, filled }) => [stream.name, filled]));
  const consumers = settings.consumers.flatMap((consumer) =>
    streamsCalled(consumer.stream, streams).map(({ name, account }) =>
      // A single stream is asked for by its own name, where braces stand for themselves.
      toConsumer(consumer, {
        name,
        account,
        filled: name === consumer.stream ? undefined : filling.get(name),
      }),
    ),
  );
  return { streams, families, consumers };
}

/** The stream of that name, or the members of the family of that name; a name that nothing has stands for itself. */
export function streamsCalled(
  name: string,
  streams: readonly Stream[],
): readonly Pick<Stream, 'name' | 'account'>[] {
  const found = streams.filter((stream) => stream.name === name || stream.family === name);
  return found.length > 0 ? found : [{ name, account: streams[0]?.account ?? '' }];
}

type StreamFields = Omit<FamilySettings, 'members' | 'at_most'>;

interface Defaults {
  account: string;
  replicas: number;
}

const toStream = ({ name, account, ...fields }: StreamFields, defaults: Defaults): Stream => ({
  name,
  account: account ?? defaults.account,
  ...modelKeys(fields),
  duplicateWindow: fields.duplicate_window ?? defaultDuplicateWindow(fields.max_age),
  replicas: fields.replicas ?? defaults.replicas,
});

/** The server's own default of two minutes, which it refuses when it is longer than max_age. */
function defaultDuplicateWindow(maxAge: number): number {
  const twoMinutes = 120_000;
  return maxAge === 0 ? twoMinutes : Math.min(twoMinutes, maxAge);
}

function toFamily({ members, at_most, ...fields }: FamilySettings, defaults: Defaults): StreamFamily {
  const distinct = [...new Set(members)];
  return {
    name: fields.name,
    placeholder: /\{(.+)\}/.exec(fields.name)?.[1] ?? '',
    members: distinct,
    atMost: Math.max(distinct.length, at_most ?? 0),
    pattern: toStream(fields, defaults),
  };
}

interface Member {
  stream: Stream;
  /** With the member in place of the placeholder. */
  filled(text: string): string;
}

const membersOf = ({ name, placeholder, members, pattern }: StreamFamily): Member[] =>
  members.map((member) => {
    const filled = (text: string) => text.replaceAll(`{${placeholder}}`, () => member);
    const own = { name: filled(pattern.name), family: name, subjects: pattern.subjects.map(filled) };
    return { stream: { ...pattern, ...own }, filled };
  });

const toConsumer = (
  { stream: _, filter_subjects, ...fields }: ConsumerSettings,
  { name, account, filled }: Pick<Stream, 'name' | 'account'> & { filled: Member['filled'] | undefined },
): Consumer => ({
  stream: name,
  account,
  filterSubjects: filled === undefined ? filter_subjects : filter_subjects.map(filled),
  ...modelKeys(fields),
});

/** What the code does not set stays away. */
export const toCreated = ({ streams, consumers }: CreatedSettings) => ({
  streams: streams.map((stream): CreatedStream => present(modelKeys(stream))),
  consumers: consumers.map((consumer): CreatedConsumer => present(modelKeys(consumer))),
});
