import { defineRule } from '../../rule.ts';
import { refusals, refused, replaced } from './refusals.ts';

/** C22: a text in permissions, mappings or exports that is no subject. */
export const c22InvalidSubject = defineRule({
  id: 'C22',
  title: 'no valid subject in nats.conf',
  severity: 'error',
  meaning: 'A subject in nats.conf has an empty word, a ">" before its end, or a space where none may be.',
  cause:
    'Subjects are words separated by single dots; "*" stands for one whole word and ">" for the rest, at the end only. In the subscribe permissions a queue group may follow after one space ("orders.> workers"); in publish permissions it may not.',
  fix: 'Write the subject with single dots, and a queue group only behind a subscription, with one space.',
  symptoms: ['subject "a..b" is not a valid subject'],
  matches: [/is not a valid (subject|import subject|export)/i, /invalid subject/i],
  *static(facts) {
    for (const refusal of refusals(facts, 'C22')) {
      const subject = refusal.fault?.subject ?? '';
      const value = refusal.fault?.entry?.value;
      // Only what surely was meant: an empty word too much.
      const mended = subject.replaceAll(/\.{2,}/g, '.').replace(/^\.|\.$/g, '');
      const isMechanical = mended !== subject && mended !== '' && /^[^\s>]+(\.>)?$/.test(mended);
      yield refused(refusal, {
        cause: `"${subject}" is no subject${/\s/.test(subject) ? ': it holds a space, which only a queue group behind a subscription may follow' : /\.\.|^\.|\.$/.test(subject) ? ': a dot must stand between two words' : ''}.`,
        fix: isMechanical
          ? `Write "${mended}".`
          : 'Write words separated by single dots, ">" only at the end.',
        ...(isMechanical &&
          value?.kind === 'string' &&
          value.value === subject && { edits: replaced(refusal.at, `"${mended}"`) }),
      });
    }
  },
});
