import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { differencesOf } from '../live-changes.ts';
import { describedTwice } from './stream-descriptions.ts';

export const s15ImmutableField = defineRule({
  id: 'S15',
  title: 'storage or retention that cannot be changed',
  severity: 'error',
  meaning:
    'A stream exists, or is described elsewhere, with another storage or retention than this description asks for.',
  cause:
    'The storage of a stream is chosen when it is made, for good. So was its retention up to 2.9; from 2.10 on it can ' +
    'change between limits and interest, and never to or from workqueue. Two services that create one stream with ' +
    'different values cannot both have their way.',
  fix:
    'Write the value that the stream has. To change it, make a stream of another name, copy the messages with ' +
    '`sources`, and delete the old one.',
  symptoms: [
    'stream configuration update can not change storage type',
    'stream configuration update can not change retention policy to/from workqueue',
    'stream configuration update can not change retention policy',
  ],
  codes: [10052],
  versions: '2.10 and later can change retention between limits and interest',
  *static(facts: StaticFacts) {
    for (const { name, first, second, differences } of describedTwice(facts)) {
      for (const each of differences) {
        if (each.field !== 'storage' && each.field !== 'retention') continue;
        yield {
          place: second.place(each.field),
          cause:
            `${second.title} asks for ${each.field} ${each.second}, and ${first.title} for ${each.first} ` +
            `(${placeText(first.place(each.field))}); whoever comes second to ${name} is refused.`,
          fix: `Write ${second.spelling(each.field)}: ${each.first}, or ${each.second} in both places before the stream is made.`,
          symptom:
            each.field === 'storage'
              ? 'stream configuration update can not change storage type'
              : 'stream configuration update can not change retention policy to/from workqueue',
        };
      }
    }
  },
  live: (facts) => differencesOf('S15', facts),
});
