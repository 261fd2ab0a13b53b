import type { StaticFacts } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { capturesByAccount, type MemberCapture, overlapsOf } from './stream-overlaps.ts';

export const s01SubjectsOverlap = defineRule({
  id: 'S01',
  title: 'two streams capture the same subject',
  severity: 'error',
  meaning:
    'A message on some subject would be kept by two streams of one account, which nats-server does not allow.',
  cause:
    'Whoever creates the second stream is refused, so what works depends on who starts first. The usual case is a ' +
    'stream for dead letters on `messages.dlq.>` beside one that takes all of `messages.>`. Streams of different ' +
    'accounts never meet.',
  fix:
    'Narrow the wider one to what it is for (`messages.ingest.>`), or give the other a first word of its own. Streams ' +
    'that are to share messages copy them with `sources`.',
  symptoms: ['subjects overlap with an existing stream', 'subjects overlap with an existing stream (10065)'],
  codes: [10065],
  *static(facts: StaticFacts) {
    const told = new Set<string>();
    for (const captures of capturesByAccount(facts)) {
      for (const { a, b, example } of overlapsOf(captures)) {
        if (a.member === b.member) continue;
        const [first, second] = [placeOf(a), placeOf(b)];
        // Members of a family overlap alike: it is told once for two places.
        if (told.size === told.add(placeText(first) + placeText(second)).size) continue;
        const shown = example.replaceAll('{}', 'x');
        yield {
          place: second,
          cause:
            a.stream === b.stream
              ? `Every member of ${b.stream.title} captures ${shown}: its subject ${written(b)} does not hold the placeholder.`
              : `${b.stream.title} captures ${written(b)}, and ${a.stream.title} captures ${written(a)} (${placeText(first)}): both take ${shown}.`,
          fix:
            a.stream === b.stream
              ? 'Write the placeholder as a word of the subject, so that each member has subjects of its own.'
              : `Narrow one of the two so that no subject matches both, or begin ${b.stream.name}'s with a word of its own.`,
        };
      }
    }
  },
});

const placeOf = ({ stream, item }: MemberCapture): Place => stream.place('subjects', item);

const written = ({ stream, item, pattern }: MemberCapture): string =>
  `"${stream.fields.subjects?.[item] ?? pattern}"`;
