import { defineRule } from '../../rule.ts';
import { refusals, refused } from './refusals.ts';

/** C12: two folders for one store. */
export const c12StoreDirTwice = defineRule({
  id: 'C12',
  title: 'store_dir given twice',
  severity: 'error',
  meaning:
    'The folder of the streams is given twice, at the top of nats.conf and in its jetstream block, or under two names.',
  cause:
    'store_dir may stand at the top of the file or in the jetstream block (there also as store and storedir), but only once.',
  fix: 'Keep the one in the jetstream block, and look where the streams are that exist already.',
  symptoms: ["Duplicate 'store_dir' configuration"],
  *static(facts) {
    for (const refusal of refusals(facts, 'C12')) {
      const other = refusal.fault?.other;
      yield refused(refusal, {
        cause: `store_dir is given here${other === undefined ? '' : ` and on line ${other.line}${other.file === refusal.at.file ? '' : ` of ${other.file}`}`}.`,
        fix: 'Take one of them out: the one that is not where the streams are.',
      });
    }
  },
});
