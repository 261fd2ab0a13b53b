import { findOverlaps } from '../../../topology/subjects.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import type { WrittenConsumer } from '../../written/consumer.ts';
import { consumedStreams } from './streams-of-consumers.ts';

export const s13WorkqueueConsumers = defineRule({
  id: 'S13',
  title: 'consumers that a workqueue stream refuses',
  severity: 'error',
  meaning:
    'Two consumers of a workqueue stream would get the same message, or one does not read and ack everything.',
  cause:
    'A workqueue stream hands each message to one consumer and removes it when that one acks. So the filters of its ' +
    'consumers must not overlap, a consumer without a filter is the only one, it starts with the first message and acks ' +
    'each one explicitly. Several programs share the work by pulling from the same consumer.',
  fix:
    'Let all programs pull from one durable consumer, or give each consumer a filter of its own. For several readers of ' +
    'the same messages take retention interest or limits.',
  symptoms: [
    'multiple non-filtered consumers not allowed on workqueue stream',
    'filtered consumer not unique on workqueue stream',
    'consumer must be deliver all on workqueue stream',
    'consumer in pull mode requires explicit ack policy on workqueue stream',
  ],
  codes: [10099, 10100, 10101, 10098, 10084],
  *static(facts: StaticFacts) {
    const told = new Set<string>();
    for (const { name, streams, consumers } of consumedStreams(facts)) {
      if (!streams.some(({ fields }) => fields.retention === 'workqueue')) continue;
      for (const found of [...consumers.flatMap((one) => policies(one, name)), ...sharing(consumers, name)]) {
        // The members of a family say the same.
        const at = placeText(found.place) + (found.symptom ?? '');
        if (told.size < told.add(at).size) yield found;
      }
    }
  },
});

function policies(consumer: WrittenConsumer, stream: string): Report[] {
  const { deliverPolicy = 'all', ackPolicy = 'explicit' } = consumer.fields;
  const reports: Report[] = [];
  if (deliverPolicy !== 'all')
    reports.push({
      place: consumer.place('deliverPolicy'),
      cause: `${consumer.title} starts with "${deliverPolicy}", and ${stream} is a workqueue, whose consumers start with the first message.`,
      fix: `Write ${consumer.spelling('deliverPolicy')}: all.`,
      symptom: 'consumer must be deliver all on workqueue stream',
    });
  if (ackPolicy !== 'explicit')
    reports.push({
      place: consumer.place('ackPolicy'),
      cause: `${consumer.title} acks with "${ackPolicy}", and ${stream} is a workqueue, which removes what is acked.`,
      fix: `Write ${consumer.spelling('ackPolicy')}: explicit.`,
      symptom: 'consumer in pull mode requires explicit ack policy on workqueue stream',
    });
  return reports;
}

/** Consumers of which two would get the same message; two descriptions of one consumer are one. */
function sharing(consumers: readonly WrittenConsumer[], stream: string): Report[] {
  const distinct = [...new Map(consumers.toReversed().map((one) => [one.name, one])).values()].reverse();
  const filters = distinct.flatMap((consumer) => {
    const { filterSubjects = [] } = consumer.fields;
    return (filterSubjects.length === 0 ? ['>'] : filterSubjects).map((pattern, item) => ({
      consumer,
      pattern,
      item,
      filtered: filterSubjects.length > 0,
    }));
  });
  return findOverlaps(filters).flatMap(({ a, b }): Report[] => {
    if (a.consumer === b.consumer) return [];
    const written = (each: typeof a) => (each.filtered ? `filters on "${each.pattern}"` : 'has no filter');
    const place = b.filtered ? b.consumer.place('filterSubjects', b.item) : b.consumer.place('name');
    return [
      {
        place,
        cause:
          `${b.consumer.title} ${written(b)} and ${a.consumer.title} ${written(a)} ` +
          `(${placeText(a.consumer.place('name'))}); ${stream} is a workqueue, in which each message is for one consumer.`,
        fix: 'Let both programs pull from one consumer, or give each consumer filters that do not overlap.',
        symptom: b.filtered
          ? 'filtered consumer not unique on workqueue stream'
          : 'multiple non-filtered consumers not allowed on workqueue stream',
      },
    ];
  });
}
