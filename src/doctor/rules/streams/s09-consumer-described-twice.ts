import { formatDuration } from '../../../topology/durations.ts';
import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import type { ConsumerFields, WrittenConsumer } from '../../written/consumer.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import { differencesOf } from '../live-changes.ts';

export const s09ConsumerDescribedTwice = defineRule({
  id: 'S09',
  title: 'one durable consumer, described in two ways',
  severity: 'error',
  meaning: 'Two places create a durable consumer of the same name with different configurations.',
  cause:
    'What happens depends on the server and on how the client asks. 2.9 changes the consumer to whatever was asked ' +
    'last, in silence; so do later servers when the client creates or updates in one request. A client that only ' +
    'creates is told that the consumer exists. Where delivery starts and how acks count cannot change at all.',
  fix:
    'Declare the consumer once, in `consumers` of devenv.yaml, and let services bind to it by its name. Until then write ' +
    'the same values in both places.',
  symptoms: [
    'consumer already exists',
    'deliver policy can not be updated',
    'ack policy can not be updated',
    'replay policy can not be updated',
    'max waiting can not be updated',
  ],
  codes: [10148, 10012],
  versions: '2.9 changes it in silence; 2.10 and later answer a create with 10148',
  *static(facts: StaticFacts) {
    const described = new Map<string, WrittenConsumer>();
    const told = new Set<string>();
    const first = facts.project?.topology.accounts[0]?.name ?? '$G';
    for (const consumer of writtenConsumers(facts)) {
      if (!consumer.durable) continue;
      for (const stream of consumer.streams) {
        const key = JSON.stringify([consumer.account ?? first, stream, consumer.name]);
        const known = described.get(key);
        if (known === undefined) {
          described.set(key, consumer);
          continue;
        }
        const found = report(known, consumer);
        // The members of a family differ alike.
        if (found !== undefined && told.size < told.add(placeText(found.place) + found.cause).size)
          yield found;
      }
    }
  },
  live: (facts) => differencesOf('S09', facts),
});

function report(known: WrittenConsumer, consumer: WrittenConsumer) {
  const differences = FIELDS.flatMap((field) => {
    const [one, other] = [shown(known.fields[field]), shown(consumer.fields[field])];
    return one === undefined || other === undefined || one === other ? [] : [{ field, one, other }];
  });
  const [foremost] = differences;
  if (foremost === undefined) {
    // What one service creates like the declaration is as it should be.
    if (known.title !== consumer.title) return undefined;
    return {
      place: consumer.place('name'),
      severity: 'warning' as const,
      cause: `${consumer.title} is declared twice with the same values (${placeText(known.place('name'))}).`,
      fix: 'Leave one of the two out.',
    };
  }
  const list = differences.map(
    ({ field, one, other }) => `${consumer.spelling(field)} ${other} against ${one}`,
  );
  const fixed = differences.find(({ field }) => field === 'deliverPolicy' || field === 'ackPolicy');
  return {
    place: consumer.place(foremost.field),
    cause: `${consumer.title} and ${known.title} (${placeText(known.place(foremost.field))}) differ: ${list.join('; ')}.`,
    fix: 'Declare the consumer in one place, or write the same values in both.',
    ...(fixed !== undefined && {
      symptom: `${fixed.field === 'ackPolicy' ? 'ack' : 'deliver'} policy can not be updated`,
    }),
  };
}

/** What cannot be changed at all comes first. */
const FIELDS = [
  'deliverPolicy',
  'ackPolicy',
  'filterSubjects',
  'ackWait',
  'maxDeliver',
  'backoff',
  'maxAckPending',
  'inactiveThreshold',
] as const satisfies readonly (keyof ConsumerFields)[];

function shown(value: ConsumerFields[keyof ConsumerFields]): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number') return value > 999 ? formatDuration(value) : String(value);
  return value.length === 0 ? 'none' : [...value].sort().join(', ');
}
