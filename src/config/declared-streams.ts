import type { Consumer, CreatedConsumer, CreatedStream, Stream, StreamFamily } from '../topology/model.ts';
import type { Settings } from './settings.ts';
import type { ConsumerSettings, CreatedSettings, FamilySettings, StreamSettings } from './stream-settings.ts';

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

interface Defaults {
  account: string;
  replicas: number;
}

const toStream = (
  stream: Omit<StreamSettings, 'account' | 'replicas'> & Pick<FamilySettings, 'account' | 'replicas'>,
  defaults: Defaults,
): Stream => ({
  name: stream.name,
  account: stream.account ?? defaults.account,
  subjects: stream.subjects,
  storage: stream.storage,
  retention: stream.retention,
  discard: stream.discard,
  maxBytes: stream.max_bytes,
  maxAge: stream.max_age,
  maxMsgs: stream.max_msgs,
  maxMsgSize: stream.max_msg_size,
  duplicateWindow: stream.duplicate_window ?? defaultDuplicateWindow(stream.max_age),
  replicas: stream.replicas ?? defaults.replicas,
  placement: stream.placement,
});

/** The server's own default of two minutes, which it refuses when it is longer than max_age. */
function defaultDuplicateWindow(maxAge: number): number {
  const twoMinutes = 120_000;
  return maxAge === 0 ? twoMinutes : Math.min(twoMinutes, maxAge);
}

function toFamily(family: FamilySettings, defaults: Defaults): StreamFamily {
  const members = [...new Set(family.members)];
  return {
    name: family.name,
    placeholder: /\{(.+)\}/.exec(family.name)?.[1] ?? '',
    members,
    atMost: Math.max(members.length, family.at_most ?? 0),
    pattern: toStream(family, defaults),
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

const toConsumer = (consumer: ConsumerSettings, stream: string, account: string): Consumer => ({
  stream,
  account,
  name: consumer.name,
  filterSubjects: consumer.filter_subjects,
  ackWait: consumer.ack_wait,
  maxDeliver: consumer.max_deliver,
  backoff: consumer.backoff,
  maxAckPending: consumer.max_ack_pending,
  deliverPolicy: consumer.deliver_policy,
  inactiveThreshold: consumer.inactive_threshold,
});

/** Keys as in the model; what the code does not set stays away. */
export const toCreated = ({ streams, consumers }: CreatedSettings) => ({
  streams: streams.map(
    (stream): CreatedStream => ({
      name: stream.name,
      ...given({
        subjects: stream.subjects,
        storage: stream.storage,
        retention: stream.retention,
        discard: stream.discard,
        maxBytes: stream.max_bytes,
        maxAge: stream.max_age,
        maxMsgs: stream.max_msgs,
        maxMsgSize: stream.max_msg_size,
        duplicateWindow: stream.duplicate_window,
        replicas: stream.replicas,
        placement: stream.placement,
      }),
    }),
  ),
  consumers: consumers.map(
    (consumer): CreatedConsumer => ({
      stream: consumer.stream,
      name: consumer.name,
      ...given({
        filterSubjects: consumer.filter_subjects,
        ackWait: consumer.ack_wait,
        maxDeliver: consumer.max_deliver,
        backoff: consumer.backoff,
        maxAckPending: consumer.max_ack_pending,
        deliverPolicy: consumer.deliver_policy,
        inactiveThreshold: consumer.inactive_threshold,
      }),
    }),
  ),
});

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

export const given = <T extends object>(parts: T): Given<T> =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Given<T>;
