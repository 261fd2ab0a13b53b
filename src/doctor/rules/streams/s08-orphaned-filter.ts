import { intersects } from '../../../topology/subjects.ts';
import { consumerTitle, object, streamsOf } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** S08: a consumer filters for subjects that its stream does not take any more. */
export const s08OrphanedFilter = defineRule({
  id: 'S08',
  title: 'filter for subjects that the stream dropped',
  severity: 'error',
  meaning:
    'A consumer filters for a subject that none of the subjects of its stream can match, so it gets nothing new.',
  cause:
    'When a stream is updated, the server does not look at the filters of its consumers. Messages that were stored under the old subject are ' +
    'still delivered, which hides the change; afterwards the consumer is idle for ever and shows a lag of 0.',
  fix: 'Take the subject back into the stream, or change the filter of the consumer to subjects that the stream has.',
  symptoms: [
    'the consumer is idle and shows no lag, while messages are published',
    'Unprocessed Messages: 0',
  ],
  *live(facts) {
    for (const { account, stream, consumers } of streamsOf(facts)) {
      // A mirror has no subjects of its own: what it holds comes from elsewhere.
      if (stream.subjects.length === 0) continue;
      for (const consumer of consumers) {
        const lost = consumer.filterSubjects.filter(
          (filter) => !stream.subjects.some((subject) => intersects(filter, subject)),
        );
        if (lost.length === 0) continue;
        const all = lost.length === consumer.filterSubjects.length;
        yield {
          place: object(consumerTitle(facts, account, consumer)),
          severity: all ? 'error' : 'warning',
          cause: `${consumer.stream}/${consumer.name} filters for ${lost.join(', ')}, and ${stream.name} takes ${stream.subjects.join(', ')} only${all ? ': it gets nothing new' : ''}.`,
          fix: `Add ${lost.join(', ')} to the subjects of ${stream.name}, or correct the filter; \`devenv topology diff\` shows what was declared.`,
        };
      }
    }
  },
});
