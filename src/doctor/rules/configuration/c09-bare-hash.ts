import { defineRule } from '../../rule.ts';
import { lineAt, refusals, refused } from './refusals.ts';

/** C09: a bcrypt hash without quotes. */
export const c09BareHash = defineRule({
  id: 'C09',
  title: 'password hash taken for a variable',
  severity: 'error',
  meaning:
    'A bcrypt hash stands without quotes and begins with a dollar sign, so that the server looks for a variable of that name.',
  cause:
    'Of all bcrypt hashes only those that begin with $2a$ are let through without quotes; $2b$, $2x$ and $2y$, which most libraries write today, are read as the name of a variable.',
  fix: 'Put the hash into double quotes.',
  symptoms: ["variable reference for '2b$11$…' on line 4 can not be found"],
  matches: [/variable reference for '2[abxy]\$/],
  *static(facts) {
    for (const refusal of refusals(facts, 'C09')) {
      const { span, document } = refusal;
      const [hash = ''] = /^\$[^\s,;}\]]+/.exec(lineAt(document, span).slice(span.column - 1)) ?? [];
      yield refused(refusal, {
        cause: `The hash ${hash.slice(0, 7)}… stands without quotes, and the server looks for a variable of that name.`,
        fix: 'Put the hash into double quotes.',
        ...(/^[$./A-Za-z0-9]+$/.test(hash) && {
          edits: [{ file: span.file, start: span.start, end: span.start + hash.length, text: `"${hash}"` }],
        }),
      });
    }
  },
});
