import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';

export const k07OnlyNewMessages = defineRule({
  id: 'K07',
  title: 'a consumer that misses earlier messages',
  severity: 'warning',
  meaning: 'deliver_policy: new leaves out every message that was stored before the consumer was made.',
  cause:
    'The consumer begins after the last message that the stream held when it was made. What was published while the ' +
    'stream was there and the consumer was not (the publisher started first, the consumer was deleted and made again) ' +
    'is stored and never delivered.',
  fix: 'Write deliver_policy: all. The policy of an existing consumer cannot be changed: it has to be made anew.',
  symptoms: ['messages that were published before the consumer existed are never delivered'],
  *static(facts) {
    for (const consumer of writtenConsumers(facts)) {
      if (!consumer.durable || consumer.fields.deliverPolicy !== 'new') continue;
      const name = consumer.spelling('deliverPolicy');
      yield {
        place: consumer.place('deliverPolicy'),
        cause: `${consumer.title} begins with what is published after it was made; messages that its stream holds by then are never delivered.`,
        fix: `Write ${name}: all, unless older messages mean nothing to its programs.`,
      };
    }
  },
});
