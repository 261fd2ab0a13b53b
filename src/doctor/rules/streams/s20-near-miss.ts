import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { subjectProblems } from './subject-mismatches.ts';

export const s20NearMiss = defineRule({
  id: 'S20',
  title: 'two subjects that differ by one letter',
  severity: 'error',
  meaning: 'What one program publishes and what a stream or another program expects are one slip apart.',
  cause:
    'Subjects are compared letter by letter, case included: `chat.messages` and `chat.message` have nothing to do with ' +
    'each other, and nothing tells the two programs so.',
  fix: 'Write the word the same way on both sides.',
  symptoms: ['no responders', 'jetstream is not enabled', 'the subscription is there and no message arrives'],
  *static(facts: StaticFacts) {
    for (const { kind, lonely, other, words } of subjectProblems(facts).mismatches) {
      if (kind !== 'slip' || words === undefined) continue;
      const [word, meant] = words;
      yield {
        place: lonely.place(),
        cause:
          `${lonely.says} "${lonely.pattern}", which meets nothing; ${other.says} "${other.pattern}" ` +
          `(${placeText(other.place())}): "${word}" against "${meant}".`,
        fix: `Write "${meant}" here, or "${word}" there.`,
      };
    }
  },
});
