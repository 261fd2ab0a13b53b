import { formatDuration } from '../../../topology/durations.ts';
import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';

export const k06DurableThatIsDeleted = defineRule({
  id: 'K06',
  title: 'a durable consumer that the server deletes',
  severity: 'warning',
  meaning:
    'The server deletes the consumer, and with it its position, when its programs are away for long enough.',
  cause:
    'inactive_threshold counts for durable consumers too (since 2.9): after that time without a pull request the ' +
    'consumer is gone. A deployment, a night or a paused debugger can be enough. Made again, it begins where ' +
    'deliver_policy says: at the first message again, or only at new ones.',
  fix: 'Leave inactive_threshold out of durable consumers (inactive_threshold: never in devenv.yaml).',
  symptoms: ['consumer not found, though it is durable', 'consumer deleted', 'heartbeats missed'],
  versions: '2.9 and later',
  *static(facts) {
    for (const consumer of writtenConsumers(facts)) {
      const { inactiveThreshold = 0 } = consumer.fields;
      if (!consumer.durable || inactiveThreshold <= 0) continue;
      const name = consumer.spelling('inactiveThreshold');
      const never = consumer.account === null ? null : consumer.scalar('inactiveThreshold');
      yield {
        place: consumer.place('inactiveThreshold'),
        cause: `${consumer.title} is durable, and the server deletes it with its position after ${formatDuration(inactiveThreshold)} without a client.`,
        fix: consumer.account === null ? `Remove ${name}.` : `Write ${name}: never.`,
        ...(never === null
          ? {}
          : { edits: [{ file: never.file, start: never.start, end: never.end, text: 'never' }] }),
      };
    }
  },
});
