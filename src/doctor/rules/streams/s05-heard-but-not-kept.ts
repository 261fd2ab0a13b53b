import type { Account } from '../../../topology/model.ts';
import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { subjectProblems } from './subject-mismatches.ts';
import { noStreamOf } from './subject-traffic.ts';

const isWithoutJetStream =
  (account: string) =>
  ({ name, jetstream }: Account): boolean =>
    name === account && jetstream === null;

export const s05HeardButNotKept = defineRule({
  id: 'S05',
  title: 'heard by a subscriber, kept by no stream',
  severity: 'warning',
  meaning: 'A program publishes to a subject that somebody subscribes to and no stream captures.',
  cause:
    'A publish through JetStream waits for the acknowledgement of a stream. The subscriber has the message, so the ' +
    'server does not say that nobody is there, and nobody acknowledges: the publish times out, and a retry delivers ' +
    'the message again. A publish on core NATS is right here, and says so nowhere.',
  fix: 'Add the subject to the stream that should keep it, or to core_subjects when it is published on core NATS on purpose.',
  symptoms: ['TimeoutError: timeout', 'nats: timeout', 'context deadline exceeded'],
  *static(facts: StaticFacts) {
    for (const { use, listeners, traffic } of subjectProblems(facts).unheard) {
      const [listener] = listeners;
      if (listener === undefined || use.verb !== 'publishes') continue;
      // Nobody publishes through JetStream where there is none.
      if (facts.project?.topology.accounts.some(isWithoutJetStream(traffic.account))) continue;
      yield {
        place: use.place(),
        cause:
          `${use.actor.title} publishes to "${use.pattern}", which ${listener.actor.title} hears ` +
          `(${placeText(listener.place())}) and ${noStreamOf(traffic)} captures.`,
        fix: `Add "${use.pattern}" to core_subjects, or to the subjects of a stream.`,
      };
    }
  },
});
