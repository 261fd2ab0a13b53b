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
  const streams = [
    ...settings.streams.map((stream) => toStream(stream, defaults)),
    ...families.flatMap(membersOf),
  ];
  const consumers = settings.consumers.flatMap((consumer) =>
    streamsCalled(consumer.stream, streams).map(({ name, account }) => toConsumer(consumer, name, account)),
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

const membersOf = ({ name, placeholder, members, pattern }: StreamFamily): Stream[] =>
  members.map((member) => {
    const filled = (text: string) => text.replaceAll(`{${placeholder}}`, () => member);
    return {
      ...pattern,
      name: filled(pattern.name),
      family: name,
      subjects: pattern.subjects.map(filled),
    };
  });

const toConsumer = (
  { stream: _, ...fields }: ConsumerSettings,
  stream: string,
  account: string,
): Consumer => ({
  stream,
  account,
  ...modelKeys(fields),
});

/** What the code does not set stays away. */
export const toCreated = ({ streams, consumers }: CreatedSettings) => ({
  streams: streams.map((stream): CreatedStream => present(modelKeys(stream))),
  consumers: consumers.map((consumer): CreatedConsumer => present(modelKeys(consumer))),
});
