import { SubjectTree } from '../../../topology/subject-tree.ts';
import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import type { WrittenConsumer } from '../../written/consumer.ts';
import type { WrittenStream } from '../../written/stream.ts';
import { consumedStreams } from './streams-of-consumers.ts';

export const s14InterestWithoutConsumer = defineRule({
  id: 'S14',
  title: 'an interest stream that nobody is interested in',
  severity: 'warning',
  meaning: 'A stream with retention interest has no consumer for what it captures, so it keeps nothing.',
  cause:
    'Such a stream keeps a message until every consumer has acked it. Without a consumer for the subject that is at ' +
    'once: the publisher gets its acknowledgement, with a sequence, and the message is gone. Consumers that a program ' +
    'makes later do not see what came before.',
  fix: 'Declare the durable consumers beside the stream, so that they exist before the first message; or take retention limits.',
  symptoms: ['the publish is acknowledged and the stream stays empty'],
  *static(facts: StaticFacts) {
    const told = new Set<string>();
    for (const { name, streams, consumers } of consumedStreams(facts)) {
      const [stream] = streams;
      if (stream.fields.retention !== 'interest') continue;
      const found = consumers.length === 0 ? [nobody(stream, name)] : unread(stream, consumers);
      for (const each of found) if (told.size < told.add(placeText(each.place)).size) yield each;
    }
  },
});

/** What the filters of all consumers together leave out entirely. */
function unread(stream: WrittenStream, consumers: readonly WrittenConsumer[]) {
  const filters = consumers.map(({ fields }) => fields.filterSubjects ?? []);
  if (filters.some((list) => list.length === 0)) return [];
  const read = new SubjectTree<true>();
  for (const filter of filters.flat()) read.add(filter, true);
  return stream.reach.flatMap((pattern, item) =>
    read.crossing(pattern).next().done ? [unfiltered(stream, pattern, item)] : [],
  );
}

const nobody = (stream: WrittenStream, name: string) => ({
  place: stream.place('retention'),
  cause: `${stream.title} has retention interest and no consumer: what is published to it is acknowledged and not kept.`,
  fix: `Declare a consumer on ${name}, or write ${stream.spelling('retention')}: limits.`,
});

const unfiltered = (stream: WrittenStream, pattern: string, item: number) => ({
  place: stream.place('subjects', item),
  cause: `${stream.title} has retention interest, and the filters of all its consumers leave out "${pattern}": what is published there is acknowledged and not kept.`,
  fix: `Let a consumer filter on "${pattern}" as well, or leave the subject out.`,
});
