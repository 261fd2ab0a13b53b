import { defineRule } from '../../rule.ts';
import { refusals, refused } from './refusals.ts';

/** C27: whatever else `nats-server -t` refuses, in its own words. */
export const c27RefusedSetting = defineRule({
  id: 'C27',
  title: 'setting that nats-server refuses',
  severity: 'error',
  meaning: 'nats.conf cannot be read, or one of its settings has a value that the server refuses.',
  cause:
    'The text breaks off, a bracket is missing, a value has another type than the field takes, or two settings exclude each other. `nats-server -t -c nats.conf` says the same and stops at the first; this names all of them.',
  fix: 'Correct the place that is named; what the field takes is said with it where that is known.',
  symptoms: [
    'Parse error on line 3',
    'error parsing write_deadline: time: invalid duration',
    'interface conversion: interface {}',
  ],
  matches: [/Parse error on line \d+/, /error parsing [a-z_]+: time:/, /should be converted to a duration/],
  *static(facts) {
    for (const refusal of refusals(facts, 'C27')) {
      const wanted = refusal.fault?.wanted;
      const field = refusal.fault?.path.filter((step) => !/^\d+$/.test(step)).at(-1);
      yield refused(refusal, {
        cause: `nats-server ${refusal.version} refuses ${field === undefined ? 'the file' : field} (${refusal.message}).`,
        fix: wanted === undefined ? 'Correct the text at this place.' : `Write ${wanted}.`,
      });
    }
  },
});
