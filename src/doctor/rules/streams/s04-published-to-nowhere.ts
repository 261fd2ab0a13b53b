import type { StaticFacts } from '../../facts.ts';
import { defineRule } from '../../rule.ts';
import { subjectProblems } from './subject-mismatches.ts';
import { noStreamOf } from './subject-traffic.ts';

export const s04PublishedToNowhere = defineRule({
  id: 'S04',
  title: 'published where nothing keeps or hears it',
  severity: 'error',
  meaning: 'A program publishes to a subject that no stream captures and nobody subscribes to.',
  cause:
    'A publish through JetStream waits for the acknowledgement of a stream, and there is none: the client says `no ' +
    'responders`, which the JavaScript client reports as `jetstream is not enabled` although it is. A publish on core ' +
    'NATS succeeds without a word and the message is gone.',
  fix:
    'Add the subject to the stream that should keep it. What is meant for whoever happens to listen belongs into ' +
    'core_subjects.',
  symptoms: [
    'jetstream is not enabled',
    'no responders',
    "no responders: 'orders.created'",
    'nats: no response from stream',
    '503 No Responders Available For Request',
  ],
  matches: [/\bno responders?\b/i, /\bno response from stream\b/i, /JetStreamNotEnabled/],
  *static(facts: StaticFacts) {
    for (const { use, partly, listeners, traffic } of subjectProblems(facts).unheard) {
      if (listeners.length > 0 && use.verb === 'publishes') continue;
      const { actor, pattern, verb } = use;
      if (verb === 'requests') {
        yield {
          place: use.place(),
          severity: 'warning' as const,
          cause: `${actor.title} sends requests to "${pattern}", and nothing that is declared${traffic.account === '$G' ? '' : ` in account ${traffic.account}`} answers there.`,
          fix: `Say who answers (serves: ["${pattern}"]), or add the subject to core_subjects when that is somebody else.`,
          symptom: `no responders: '${pattern}'`,
        };
        continue;
      }
      yield {
        place: use.place(),
        ...(partly && { severity: 'warning' as const }),
        cause: partly
          ? `${actor.title} publishes to "${pattern}", and ${noStreamOf(traffic)} captures all of that; what it does not capture is lost.`
          : `${actor.title} publishes to "${pattern}", and ${noStreamOf(traffic)} captures it.`,
        fix: partly
          ? 'Write exactly the subjects that are published, or widen the stream.'
          : `Add "${pattern}" to the subjects of a stream, or to core_subjects when nothing has to keep it.`,
        symptom: `no responders: '${pattern}'`,
      };
    }
  },
});
