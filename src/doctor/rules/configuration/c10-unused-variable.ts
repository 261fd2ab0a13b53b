import { placeOf } from '../../nats-conf/conf-values.ts';
import { defineRule } from '../../rule.ts';
import { refusals, refused } from './refusals.ts';

/** C10: a variable that nothing uses is a field that nobody knows. */
export const c10UnusedVariable = defineRule({
  id: 'C10',
  title: 'variable that nothing refers to',
  severity: 'error',
  meaning:
    'A variable is set at the top of nats.conf and used nowhere, so that the server takes it for a field that it does not know.',
  cause:
    'Variables and fields are written alike. What no $NAME refers to is a field to the server; a reference in quotes ("$NAME") is text and does not count.',
  fix: 'Use the variable, without quotes, or take it out.',
  symptoms: ['unknown field "FOO"'],
  *static(facts) {
    for (const refusal of refusals(facts, 'C10')) {
      const name = refusal.fault?.path.at(-1) ?? '';
      yield refused(refusal, {
        place: placeOf(refusal.span),
        cause: `${name} is set, and no $${name} outside of quotes refers to it.`,
        fix: `Take ${name} out, or write $${name} without quotes where it is meant.`,
      });
    }
  },
});
