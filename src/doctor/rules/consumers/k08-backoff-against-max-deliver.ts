import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';

export const k08BackoffAgainstMaxDeliver = defineRule({
  id: 'K08',
  title: 'more backoff steps than deliveries',
  severity: 'error',
  meaning: 'The server refuses a consumer whose backoff has more steps than max_deliver allows deliveries.',
  cause:
    'Each step of the backoff is the wait after one delivery. Up to 2.9 max_deliver has to be greater than the number ' +
    'of steps, and limited; from 2.10 on it may be equal or unlimited.',
  fix: 'Raise max_deliver above the number of steps, or take steps out; the last step repeats.',
  symptoms: ['max deliver is required to be > length of backoff values'],
  codes: [10116],
  versions: 'up to 2.9 also for an equal number, and for an unlimited max_deliver',
  *static(facts) {
    const [major = 0, minor = 0] = facts.natsVersion.split('.').map(Number);
    const isStrict = major < 2 || (major === 2 && minor < 10);
    for (const consumer of writtenConsumers(facts)) {
      const { backoff = [], maxDeliver = -1 } = consumer.fields;
      const isUnlimited = maxDeliver <= 0;
      const refused = isStrict
        ? isUnlimited || maxDeliver <= backoff.length
        : !isUnlimited && maxDeliver < backoff.length;
      if (backoff.length === 0 || !refused) continue;
      const enough = isStrict ? backoff.length + 1 : backoff.length;
      const [steps, deliveries] = [consumer.spelling('backoff'), consumer.spelling('maxDeliver')];
      const counted = isUnlimited ? 'unlimited' : `${maxDeliver}`;
      yield {
        place: consumer.place(consumer.isWritten('maxDeliver') ? 'maxDeliver' : 'backoff'),
        cause: `${consumer.title} has ${backoff.length} ${backoff.length === 1 ? 'step' : 'steps'} of backoff and ${deliveries} ${counted}, which nats-server ${facts.natsVersion} refuses.`,
        symptom: 'max deliver is required to be > length of backoff values (10116)',
        fix: `Write ${deliveries}: ${enough} or more, or ${isUnlimited ? `leave ${steps} out` : `fewer steps in ${steps}`}.`,
      };
    }
  },
});
