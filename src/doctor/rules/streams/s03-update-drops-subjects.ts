import { SubjectTree } from '../../../topology/subject-tree.ts';
import { covers } from '../../../topology/subjects.ts';
import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import type { WrittenStream } from '../../written/stream.ts';
import { differencesOf } from '../live-changes.ts';
import { type DescriptionPair, describedTwice, subjectsOf } from './stream-descriptions.ts';
import { type Traffic, trafficOf, type Use } from './subject-traffic.ts';

export const s03UpdateDropsSubjects = defineRule({
  id: 'S03',
  title: 'an update takes subjects away from a stream',
  severity: 'warning',
  meaning:
    'One description of a stream leaves out subjects that the stream has, and something publishes there.',
  cause:
    'An update replaces the whole list of subjects. The server accepts a shorter one without a word: what was stored ' +
    'stays, and what is published to the subjects that are gone is kept by nobody. Consumers that filter on them ' +
    'deliver nothing more.',
  fix: 'Write all subjects of the stream wherever it is created or updated, or declare it in one place only.',
  symptoms: ['no responders after an update of the stream', 'old messages stay and no new ones arrive'],
  *static(facts: StaticFacts) {
    for (const pair of describedTwice(facts)) {
      const traffic = trafficOf(facts).find(({ account }) => account === pair.first.account);
      if (traffic === undefined) continue;
      yield* dropped(pair.second, pair.first, pair, traffic);
      yield* dropped(pair.first, pair.second, pair, traffic);
    }
  },
  live: (facts) => differencesOf('S03', facts),
});

/** What `shorter` takes away from what `longer` asks for. */
function* dropped(
  shorter: WrittenStream,
  longer: WrittenStream,
  { name }: DescriptionPair,
  traffic: Traffic,
) {
  if (shorter.fields.subjects === undefined) return;
  const left = subjectsOf(shorter, name);
  for (const subject of subjectsOf(longer, name)) {
    if (left.some((pattern) => covers(pattern, subject))) continue;
    const use = lost(subject, left, name, traffic);
    if (use === undefined) continue;
    yield {
      place: shorter.place('subjects'),
      cause:
        `An update by ${shorter.title} takes "${subject}" away from ${name}, which ${longer.title} asks for ` +
        `(${placeText(longer.place('subjects'))}); ${use.actor.title} publishes to "${use.pattern}".`,
      fix: `Add "${subject}" here, or declare ${name} in one place.`,
    };
  }
}

/** Somebody who publishes what then no stream keeps. */
function lost(subject: string, left: readonly string[], name: string, traffic: Traffic): Use | undefined {
  const kept = new SubjectTree<true>();
  for (const pattern of [...left, ...traffic.coreSubjects]) kept.add(pattern, true);
  for (const { stream, pattern } of traffic.captures) if (stream.name !== name) kept.add(pattern, true);
  for (const use of traffic.speaking.crossing(subject))
    if (use.verb === 'publishes' && !kept.coversAll(use.pattern)) return use;
  return undefined;
}
