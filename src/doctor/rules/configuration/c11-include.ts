import { posix } from 'node:path';
import type { Report } from '../../finding.ts';
import { defineRule } from '../../rule.ts';
import { type Refusal, refusals, refused } from './refusals.ts';

/** C11: an include that leads nowhere. */
export const c11Include = defineRule({
  id: 'C11',
  title: 'file to include not found',
  severity: 'error',
  meaning:
    'nats.conf includes a file that is not there, cannot be read or includes itself, or the include is written like a field.',
  cause:
    'The path of an include is taken from the folder of the file that it stands in, even when it begins with a slash: include /etc/nats/auth.conf in /etc/nats/nats.conf means /etc/nats/etc/nats/auth.conf. An include takes no colon and no equals sign.',
  fix: 'Write include ./auth.conf with the path as seen from the folder of the file.',
  symptoms: ["error parsing include file '/etc/nats/auth.conf'", 'open auth.conf: no such file or directory'],
  matches: [/error parsing include file/],
  *static(facts) {
    for (const refusal of refusals(facts, 'C11')) yield report(refusal);
  },
});

function report(refusal: Refusal): Report {
  const { problem, span, document } = refusal;
  const path = problem?.subject ?? '';
  switch (problem?.code) {
    case 'include-cycle':
      return refused(refusal, {
        cause: `${path} is included by itself, over whatever files; the server would read until it is out of memory.`,
        fix: 'Take one of the includes in the circle out.',
      });
    case 'include-unreadable':
      return refused(refusal, {
        cause: `The included file ${path} cannot be read.`,
        fix: 'Make it a text file that the server may read.',
      });
    case 'include-missing': {
      const line = document.sources.get(span.file)?.slice(span.start, span.end) ?? '';
      const isAbsolute = /^['"]?\//.test(line);
      return refused(refusal, {
        // Why it could not be opened is said by the operating system there, in its own words.
        symptom: refusal.message.replace(/', .*$/s, "'"),
        cause: isAbsolute
          ? `The include begins with a slash and is looked for below the folder of ${span.file} all the same, as ${path}, which is not there.`
          : document.embedded === undefined
            ? `There is no file ${path}.`
            : `${document.embedded.owner} has no ${posix.basename(path)}, so the server finds no such file beside this one.`,
        fix: isAbsolute
          ? `Write the path as seen from the folder of ${span.file}.`
          : `Make the file, or correct the path; it is taken from the folder of ${span.file}.`,
      });
    }
    default:
      return refused(refusal, {
        cause: 'The include is written like a field, with a colon or an equals sign.',
        fix: 'Write include and the path with nothing but a space between them, as in include ./auth.conf (no colon).',
      });
  }
}
