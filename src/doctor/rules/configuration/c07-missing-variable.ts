import type { Report } from '../../finding.ts';
import { defineRule } from '../../rule.ts';
import { type Refusal, refusals, refused, writtenAt } from './refusals.ts';

/** C07: a variable that is nowhere, or in braces, which the server does not know. */
export const c07MissingVariable = defineRule({
  id: 'C07',
  title: 'variable that cannot be found',
  severity: 'error',
  meaning:
    'nats.conf refers to a variable that is neither set in the file nor in the environment, or that is written in braces.',
  cause:
    '$NAME is looked up in the blocks around it, outwards, and then in the environment of the server. Braces, as shells and Compose write them, are no part of this: they would belong to the name.',
  fix: 'Write $NAME without braces, and set it in the file above, or in the environment of the server.',
  symptoms: [
    "variable reference for '{NATS_PASS' on line 3 can not be found",
    "variable reference for 'NATS_PASS' on line 3 can not be found",
  ],
  matches: [/variable reference for '[^']*'.* can not be found/, /variable reference cycle/],
  *static(facts) {
    for (const refusal of refusals(facts, 'C07')) yield report(refusal);
  },
});

function report(refusal: Refusal): Report {
  const subject = refusal.problem?.subject ?? '';
  if (refusal.problem?.code === 'variable-cycle') {
    return refused(refusal, {
      cause: `$${subject} is made from itself.`,
      fix: 'Give one of the variables in the circle a value of its own.',
    });
  }
  const [, braced] = /^\{(\w+)/.exec(subject) ?? [];
  if (braced !== undefined) {
    const { file, start } = refusal.span;
    const source = refusal.document.sources.get(file) ?? '';
    const whole = `\${${braced}}`;
    return refused(refusal, {
      cause: `\${${braced}} is written in braces, so the server looks for a variable called "{${braced}".`,
      fix: `Write $${braced}, without braces and quotes.`,
      ...(source.startsWith(whole, start) && {
        edits: [{ file, start, end: start + whole.length, text: `$${braced}` }],
      }),
    });
  }
  const written = writtenAt(refusal, refusal.span) || `$${subject}`;
  return refused(refusal, {
    cause: `${written} refers to ${subject}, which is set neither above it in the file nor in the environment.`,
    fix: `Set ${subject} in the environment of the server or at the top of the file; put the value into double quotes if the dollar sign belongs to it.`,
  });
}
