import { covers, findOverlaps } from '../../../topology/subjects.ts';
import type { StaticFacts } from '../../facts.ts';
import { isAtLeast } from '../../nats-conf/versions.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';

export const s18OverlappingFilters = defineRule({
  id: 'S18',
  title: 'filters of one consumer that overlap',
  severity: 'error',
  meaning: 'A message would pass two filters of the same consumer.',
  cause:
    'Several filters have been possible since 2.10, and the server wants none to cover another; 2.10 wants each message to ' +
    'pass one of them only. 2.9 does not know the field: it makes a consumer without any filter, which gets every message of the stream.',
  fix: 'Leave out the filter that the other one covers, or narrow one of them.',
  symptoms: ['consumer subject filters cannot overlap'],
  codes: [10138],
  versions: '2.10 and later; 2.9 ignores the list',
  *static(facts: StaticFacts) {
    for (const consumer of writtenConsumers(facts)) {
      const filters = (consumer.fields.filterSubjects ?? []).map((pattern, item) => ({ pattern, item }));
      for (const { a, b, example } of findOverlaps(filters)) {
        const first = placeText(consumer.place('filterSubjects', a.item));
        const isCovered = covers(a.pattern, b.pattern) || covers(b.pattern, a.pattern);
        yield {
          severity: isCovered || !isAtLeast(facts.natsVersion, '2.11') ? 'error' : 'note',
          place: consumer.place('filterSubjects', b.item),
          cause: `${consumer.title} filters on "${b.pattern}" and on "${a.pattern}" (${first}), which both match ${example}.`,
          fix:
            a.pattern === b.pattern
              ? `Write "${a.pattern}" once.`
              : isCovered
                ? 'Leave out the one that the other covers, or narrow one of them.'
                : 'Narrow one of them where the consumer has to be made by 2.10 too, which refuses it; newer servers take both.',
        };
      }
    }
  },
});
