import type { StaticFacts } from '../../facts.ts';
import { onceFor } from '../../once.ts';
import type { WrittenConsumer } from '../../written/consumer.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import type { WrittenStream } from '../../written/stream.ts';
import { writtenStreams } from '../../written/streams.ts';

/** One stream and the consumers that are to read it. */
export interface ConsumedStream {
  /** The stream itself: of a family, one of its members. */
  name: string;
  account: string;
  /** Everything that describes it; what devenv makes first. */
  streams: readonly [WrittenStream, ...WrittenStream[]];
  consumers: readonly WrittenConsumer[];
}

/** Every stream with its consumers, also without any. A consumer that no account is written for counts in the first one. */
export const consumedStreams = onceFor((facts: StaticFacts): readonly ConsumedStream[] => {
  const streams = new Map<string, ConsumedStream & { consumers: WrittenConsumer[] }>();
  const first = facts.project?.topology.accounts[0]?.name ?? '$G';
  const key = (account: string, name: string) => JSON.stringify([account, name]);
  for (const stream of writtenStreams(facts)) {
    // Of a family that has no members yet, the one that it may get.
    const members = new Set(stream.captured.map((captured) => captured.stream));
    for (const name of [...members, stream.name]) {
      const own = streams.get(key(stream.account, name));
      streams.set(
        key(stream.account, name),
        own === undefined
          ? { name, account: stream.account, streams: [stream], consumers: [] }
          : { ...own, streams: own.streams.includes(stream) ? own.streams : [...own.streams, stream] },
      );
    }
  }
  for (const consumer of writtenConsumers(facts))
    for (const name of consumer.streams)
      streams.get(key(consumer.account ?? first, name))?.consumers.push(consumer);
  return [...streams.values()];
});
