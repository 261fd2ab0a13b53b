import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { differencesOf } from '../live-changes.ts';
import { describedTwice } from './stream-descriptions.ts';

/** What no update can change is told by S15. */
const IMMUTABLE = ['storage', 'retention'];

export const s02DescribedDifferently = defineRule({
  id: 'S02',
  title: 'one stream, described in two ways',
  severity: 'error',
  meaning: 'Two places create a stream of the same name with different configurations.',
  cause:
    'A request to create a stream that exists is refused unless the configuration is the same to the letter. Most code ' +
    'does not see that: `get_or_create_stream` and its like return what is there without comparing. So the first to ' +
    'start wins in silence, and the other one works with a stream that it did not ask for.',
  fix:
    'Declare the stream once, in `streams` of devenv.yaml, and let services only look it up. Until then write the same ' +
    'values in both places.',
  symptoms: [
    'stream name already in use with a different configuration',
    'stream name already in use',
    'the first to start wins',
  ],
  codes: [10058],
  *static(facts: StaticFacts) {
    for (const { name, first, second, differences } of describedTwice(facts)) {
      const told = differences.filter(({ field }) => !IMMUTABLE.includes(field));
      const [foremost] = told;
      const at = placeText(first.place(foremost?.field));
      if (foremost !== undefined) {
        const list = told.map(
          (each) => `${second.spelling(each.field)} ${each.second} against ${each.first}`,
        );
        yield {
          place: second.place(foremost.field),
          cause: `${second.title} and ${first.title} (${at}) describe ${name} differently: ${list.join('; ')}.`,
          fix: `Declare ${name} in one place, or write the same values in both.`,
        };
      } else if (first.kind === 'stream' && second.kind === 'stream' && differences.length === 0) {
        yield {
          place: second.place('name'),
          severity: 'warning' as const,
          cause: `${name} is declared twice with the same values (${placeText(first.place('name'))}).`,
          fix: 'Leave one of the two out.',
        };
      }
    }
  },
  live: (facts) => differencesOf('S02', facts),
});
