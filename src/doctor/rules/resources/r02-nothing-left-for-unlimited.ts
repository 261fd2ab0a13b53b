import { formatSize } from '../../../topology/sizes.ts';
import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { excesses } from './over-budget.ts';

export const r02NothingLeftForUnlimited = defineRule({
  id: 'R02',
  title: 'nothing is left for a stream without a limit',
  severity: 'error',
  meaning: 'The limited streams reserve everything, so a stream without max_bytes cannot even be made.',
  cause:
    'A stream without max_bytes reserves nothing and shares what the others leave. When they leave nothing, the server ' +
    'refuses it with the same words as one that is too large.',
  fix: 'Give the stream a max_bytes, lower that of the others, or raise the limit, so that some slack is left.',
  symptoms: ['insufficient storage resources available', 'insufficient memory resources available'],
  codes: [10047, 10028],
  *static(facts: StaticFacts) {
    for (const storage of ['file', 'memory'] as const) {
      for (const { stores, total, row, place } of excesses(facts, storage)) {
        // A store of 0 is told by R03.
        if (total.slack < 0 || (storage === 'memory' && total.limit === 0)) continue;
        const { name, place: at } = stores.limit(total);
        yield {
          place,
          cause:
            `${row.stream} has no limit of its own, and all ${formatSize(total.limit)} of ${name} (${placeText(at)}) ` +
            `are reserved by others: ${formatSize(total.slack)} are left.`,
          fix: `Give ${row.stream} a max_bytes and raise ${name}, or lower max_bytes of the others.`,
          symptom: `insufficient ${storage === 'file' ? 'storage' : 'memory'} resources available`,
        };
      }
    }
  },
});
