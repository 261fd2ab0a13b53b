import { nearest } from '../../../topology/nearest.ts';
import { SubjectTree } from '../../../topology/subject-tree.ts';
import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { subjectsOf } from './stream-descriptions.ts';
import { consumedStreams } from './streams-of-consumers.ts';

export const s07DisjointFilter = defineRule({
  id: 'S07',
  title: 'a filter that lets nothing through',
  severity: 'error',
  meaning: 'A consumer filters on a subject that its stream does not capture.',
  cause:
    'Since 2.10 the server accepts any filter: the consumer is made, its worker pulls, and no message ever comes. ' +
    'Nothing is pending either, so lag looks perfect. 2.9 refused such a filter.',
  fix: 'Filter on a subject that the stream captures, or add the subject to the stream.',
  symptoms: [
    'the consumer has nothing pending and delivers nothing',
    'consumer filter subject is not a valid subset of the interest subjects',
  ],
  codes: [10093],
  versions: '2.10 and later accept it; 2.9 refuses it (10093)',
  *static(facts: StaticFacts) {
    const told = new Set<string>();
    for (const { name, streams, consumers } of consumedStreams(facts)) {
      const [stream] = streams;
      const subjects = streams.flatMap((each) => subjectsOf(each, name));
      if (subjects.length === 0) continue;
      const captured = new SubjectTree<true>();
      for (const subject of subjects) captured.add(subject, true);
      for (const consumer of consumers) {
        for (const [item, filter] of (consumer.fields.filterSubjects ?? []).entries()) {
          if (filter === '' || !captured.crossing(filter).next().done) continue;
          const place = consumer.place('filterSubjects', item);
          if (told.size === told.add(placeText(place)).size) continue;
          const meant = nearest(filter, subjects);
          yield {
            place,
            cause:
              `${consumer.title} filters on "${filter}", and ${stream.title} captures ` +
              `${subjects.map((subject) => `"${subject}"`).join(', ')} (${placeText(stream.place('subjects'))}): nothing matches both.`,
            fix: meant === undefined ? `Filter on a part of ${name}'s subjects.` : `Did you mean "${meant}"?`,
          };
        }
      }
    }
  },
});
