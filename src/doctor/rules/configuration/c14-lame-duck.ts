import { defineRule } from '../../rule.ts';
import { refusals, refused } from './refusals.ts';

/** C14: a lame duck mode that is too short. */
export const c14LameDuck = defineRule({
  id: 'C14',
  title: 'lame duck mode too short',
  severity: 'error',
  meaning: 'lame_duck_duration is shorter than nats-server allows.',
  cause:
    'Over lame_duck_duration a server that is going down sends its clients elsewhere, a few at a time. Less than 30 seconds is refused.',
  fix: 'Write lame_duck_duration: "30s" or more, or leave it out (2m).',
  symptoms: ['invalid lame_duck_duration of 10s, minimum is 30 seconds'],
  matches: [/invalid lame_duck_(duration|grace_period)/],
  *static(facts) {
    for (const refusal of refusals(facts, 'C14')) {
      const value = refusal.fault?.entry?.value;
      const field = refusal.fault?.path.at(-1) ?? '';
      yield refused(refusal, {
        cause: `${field} is ${value?.raw ?? 'too short'}: ${refusal.message}.`,
        fix:
          field === 'lame_duck_duration'
            ? 'Write "30s" or more.'
            : 'Write a duration in quotes that is not negative, such as "10s".',
      });
    }
  },
});
