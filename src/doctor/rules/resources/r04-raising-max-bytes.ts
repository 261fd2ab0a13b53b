import { planBudget } from '../../../topology/budget.ts';
import { formatSize } from '../../../topology/sizes.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { raisesWithoutRoom } from '../live-changes.ts';
import { describedTwice } from '../streams/stream-descriptions.ts';

export const r04RaisingMaxBytes = defineRule({
  id: 'R04',
  title: 'a raised max_bytes does not fit',
  severity: 'error',
  meaning: 'An update would raise max_bytes of a stream to more than is left.',
  cause:
    'The difference is reserved at the moment of the update. A service that updates the stream to a larger max_bytes ' +
    'than it was made with is refused, although the stream itself is nearly empty.',
  fix: 'Raise nats.max_file_store (max_memory_store) as well, or leave max_bytes as it is.',
  symptoms: ['insufficient storage resources available', 'insufficient memory resources available'],
  codes: [10047, 10028],
  *static(facts: StaticFacts): Generator<Report> {
    const topology = facts.project?.topology;
    if (topology === undefined || !planBudget(topology).ok) return;
    for (const { name, first, second } of describedTwice(facts)) {
      const [made, raised] = [first.fields.maxBytes ?? -1, second.fields.maxBytes ?? -1];
      if (first.kind !== 'stream' || second.kind !== 'created' || made <= 0 || raised <= made) continue;
      const streams = topology.streams.map((stream) =>
        stream.name === name && stream.account === first.account ? { ...stream, maxBytes: raised } : stream,
      );
      const over = planBudget({ ...topology, streams }).totals.find((total) => total.over);
      if (over === undefined) continue;
      yield {
        place: second.place('maxBytes'),
        cause:
          `${second.title} raises ${name} from ${formatSize(made)} (${placeText(first.place('maxBytes'))}) to ${formatSize(raised)}; ` +
          `${formatSize(over.reserved)} would be reserved of ${formatSize(over.limit)}.`,
        fix: `Write max_bytes: ${formatSize(made)}, or raise the limit by ${formatSize(-over.slack)}.`,
        symptom: `insufficient ${over.storage === 'file' ? 'storage' : 'memory'} resources available`,
      };
    }
  },
  live: raisesWithoutRoom,
});
