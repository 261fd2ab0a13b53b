import type { StaticFacts } from '../../facts.ts';
import { defineRule } from '../../rule.ts';
import { excesses, tellExcess } from './over-budget.ts';

export const r01ReservationsExceedFileStore = defineRule({
  id: 'R01',
  title: 'streams reserve more file storage than there is',
  severity: 'error',
  meaning: 'The sum of max_bytes of all file streams is more than a server, or an account, may store.',
  cause:
    'JetStream reserves max_bytes in full at the moment in which a stream is made, even while it is empty. Streams of a ' +
    'family, dead letters, key-value buckets and object stores are streams like any other. On a cluster each copy is ' +
    'reserved on a server of its own, and an account limit counts every copy. 10G is 7 % less than 10GiB.',
  fix:
    'Raise the limit to the sum (nats.max_file_store, the max_file of the account), or lower max_bytes of the streams. ' +
    'For a family, lower how many members there may be.',
  symptoms: [
    'insufficient storage resources available',
    'no suitable peers for placement, insufficient storage',
    'insufficient storage resources available (10047)',
  ],
  codes: [10047, 10005],
  versions:
    'in a cluster 2.10 does not hold an account to its sum, and 2.15 not a server; both then fail when the disk is full',
  *static(facts: StaticFacts) {
    for (const excess of excesses(facts, 'file')) {
      // R02 tells of streams that merely have nothing left.
      if (excess.total.slack >= 0) continue;
      const clustered = excess.total.of.kind === 'server' && (excess.stores.spending.nats.servers ?? 1) > 1;
      yield tellExcess(
        excess,
        clustered
          ? 'no suitable peers for placement, insufficient storage'
          : 'insufficient storage resources available',
      );
    }
  },
});
