import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeOf, valuesWithin } from '../../nats-conf/conf-values.ts';
import { defineRule } from '../../rule.ts';
import { refusals, refused } from './refusals.ts';

/** C08: the value of an environment variable means something to the parser. */
export const c08VariableValue = defineRule({
  id: 'C08',
  title: 'environment value that nats.conf reads as something else',
  severity: 'error',
  meaning:
    'The value of an environment variable holds characters that mean something in nats.conf, so that another value arrives, or none.',
  cause:
    'nats-server reads the value of $NAME once more as if it stood in a file: a comma, a #, a brace or a quote ends or changes it, and digits alone become a number. On 2.9 the password a,b silently became a; newer servers stop with "config is invalid".',
  fix: 'Write the value into the file, in double quotes and with mode 0600, before the server starts; or make secrets of letters, digits, - and _ only, beginning with a letter.',
  symptoms: [
    "variable reference for 'NATS_PASS' on line 2 could not be parsed: config is invalid",
    'Authorization Violation',
  ],
  matches: [/variable reference for '[^']*'.* could not be parsed/, /config is invalid/],
  versions: '2.9 truncates; 2.10 and later refuse',
  *static(facts) {
    for (const refusal of refusals(facts, 'C08')) {
      const name = refusal.problem?.subject ?? refusal.fault?.entry?.value.variable ?? '';
      yield refused(refusal, {
        cause:
          refusal.fault === undefined
            ? `The value of ${name} in the environment is no single value of nats.conf.`
            : `The value of ${name} in the environment looks like a number or a boolean, where a text is wanted.`,
        fix: `Give ${name} a value of letters, digits, - and _ that begins with a letter, or write it into the file in double quotes.`,
      });
    }
    yield* changed(facts);
  },
});

/** Read without complaint, and not what the environment says. The values themselves are secrets: they are not told. */
function* changed({ confs, env }: StaticFacts): Iterable<Report> {
  for (const { entries } of confs) {
    for (const { value } of valuesWithin(entries)) {
      if (value.variableFrom !== 'environment' || value.kind !== 'string') continue;
      const given = env[value.variable ?? ''];
      if (given === undefined || given === value.value || given.trim() === value.value) continue;
      // Quotes in the value make it a text: what they hold is what was meant.
      if (/^(["']).*\1$/s.test(given.trim())) continue;
      yield {
        place: placeOf(value.span),
        cause: `The server reads ${value.value.length} of the ${given.length} characters of ${value.variable} in the environment: the rest means something else in nats.conf.`,
        fix: `Give ${value.variable} a value of letters, digits, - and _ that begins with a letter, or write it into the file in double quotes.`,
        symptom: 'Authorization Violation',
      };
    }
  }
}
