import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { capturesByAccount, overlapsOf } from './stream-overlaps.ts';

export const s11OverlapsItself = defineRule({
  id: 'S11',
  title: 'a stream captures a subject twice',
  severity: 'error',
  meaning: 'Two subjects of one stream match the same message.',
  cause:
    'A message is kept once, so the server wants to know by which subject. It refuses the stream, also when one of the ' +
    'two subjects covers the other entirely and is merely superfluous.',
  fix: 'Leave out the subject that the other one covers, or narrow one of the two.',
  symptoms: ['subject "a.*" overlaps with "a.b"', 'duplicate subjects detected'],
  codes: [10052],
  matches: [/subject "[^"]+" overlaps with "[^"]+"/],
  *static(facts: StaticFacts) {
    const told = new Set<string>();
    for (const captures of capturesByAccount(facts)) {
      for (const { a, b, example } of overlapsOf(captures)) {
        if (a.member !== b.member || a.stream !== b.stream) continue;
        const [first, second] = [a, b].map(({ stream, item }) => stream.place('subjects', item));
        if (first === undefined || second === undefined) continue;
        if (told.size === told.add(placeText(first) + placeText(second)).size) continue;
        const [one, other] = [a, b].map(
          ({ stream, item, pattern }) => stream.fields.subjects?.[item] ?? pattern,
        );
        const shown = example.replaceAll('{}', 'x');
        yield {
          place: second,
          cause: `${b.stream.title} captures "${other}" and "${one}" (${placeText(first)}), which both match ${shown}.`,
          fix:
            one === other
              ? `Write "${one}" once.`
              : 'Leave out the one that the other covers, or narrow one of them.',
          symptom:
            one === other ? 'duplicate subjects detected' : `subject "${one}" overlaps with "${other}"`,
        };
      }
    }
  },
});
