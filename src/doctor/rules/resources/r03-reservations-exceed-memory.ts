import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { excesses, tellExcess } from './over-budget.ts';

export const r03ReservationsExceedMemory = defineRule({
  id: 'R03',
  title: 'streams reserve more memory than there is',
  severity: 'error',
  meaning:
    'The sum of max_bytes of all memory streams is more than a server, or an account, may hold in memory.',
  cause:
    'Memory streams reserve max_bytes like file streams do, from max_memory_store. A limit of 0 means none at all: that ' +
    "is what NATS's Helm chart writes unless memoryStore is enabled.",
  fix: 'Raise max_memory_store (or enable memoryStore in the Helm values), lower max_bytes, or store the stream in files.',
  symptoms: [
    'insufficient memory resources available',
    'no suitable peers for placement, insufficient storage',
  ],
  codes: [10028, 10005],
  *static(facts: StaticFacts) {
    for (const excess of excesses(facts, 'memory')) {
      const { stores, total, row, place } = excess;
      if (total.limit === 0) {
        const { name, place: at } = stores.limit(total);
        yield {
          place,
          cause: `${row.stream} is a memory stream, and ${name} (${placeText(at)}) gives JetStream no memory at all.`,
          fix: `Write storage: file, or give ${name} a size.`,
        };
      } else if (total.slack < 0) yield tellExcess(excess, 'insufficient memory resources available');
    }
  },
});
