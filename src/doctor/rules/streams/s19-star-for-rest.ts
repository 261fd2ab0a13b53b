import type { StaticFacts } from '../../facts.ts';
import type { Edit } from '../../finding.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { opened, type Party, subjectProblems } from './subject-mismatches.ts';

export const s19StarForRest = defineRule({
  id: 'S19',
  title: '`*` where `>` was meant',
  severity: 'error',
  meaning: 'A pattern that ends in `*` is meant to match subjects that have more words.',
  cause:
    'A star stands for exactly one word: `events.*` matches `events.created` and never `events.user.created`. No ' +
    'server and no client says anything: a stream keeps nothing, a subscriber hears nothing, a permission denies.',
  fix: 'End the pattern in `>`, which stands for one word or more.',
  symptoms: [
    '`events.*` never matches `events.user.created`',
    'no responders',
    'the subscription is there and no message arrives',
  ],
  *static(facts: StaticFacts) {
    // One star may keep many away: it is told once.
    const longs = new Map<string, [short: Party, ...longs: Party[]]>();
    for (const { kind, lonely, other, short } of subjectProblems(facts).mismatches) {
      if (kind !== 'star' || short === undefined) continue;
      const at = placeText(short.place()) + short.pattern;
      const long = short === lonely ? other : lonely;
      longs.set(at, [...(longs.get(at) ?? ([short] as const)), long]);
    }
    for (const [short, long, ...more] of longs.values()) {
      if (long === undefined) continue;
      const meant = opened(short.pattern) ?? short.pattern;
      const edit = editOf(short, meant);
      const others = more.length === 0 ? '' : `, and ${more.length} more like it`;
      yield {
        place: short.place(),
        cause: `${short.says} "${short.pattern}", where * is one word; ${long.says} "${long.pattern}" (${placeText(long.place())})${others}.`,
        fix: `Write "${meant}".`,
        symptom: `\`${short.pattern}\` never matches \`${long.pattern}\``,
        ...(edit !== undefined && { edits: [edit] }),
      };
    }
  },
});

/** Only where the pattern stands in the file as it was read: a placeholder there is no star. */
function editOf({ scalar, pattern }: Party, meant: string): Edit | undefined {
  const span = scalar();
  if (span === null) return undefined;
  const at = span.text.indexOf(pattern);
  if (at === -1) return undefined;
  const start = span.start + at;
  return { file: span.file, start, end: start + pattern.length, text: meant };
}
