import { defineRule } from '../../rule.ts';
import { refusals, refused } from './refusals.ts';

/** C20: a file with nothing in it, or with a byte order mark before it. */
export const c20EmptyFile = defineRule({
  id: 'C20',
  title: 'empty nats.conf, or one with a byte order mark',
  severity: 'error',
  meaning:
    'The file holds no setting at all, or begins with a byte order mark, which the server takes for a part of the first name.',
  cause:
    'Servers from 2.10 on say so of a file without a single value, which mostly means that a template or a mount left it empty. Editors on Windows put an invisible mark in front of the text.',
  fix: 'Look at what writes or mounts the file; save it as UTF-8 without a byte order mark.',
  symptoms: ['config has no values or is empty', 'unknown field "\\ufeffport"'],
  matches: [/config has no values or is empty/, /unknown field "(\\ufeff|\ufeff)/],
  versions: 'an empty file: 2.10 and later',
  *static(facts) {
    for (const refusal of refusals(facts, 'C20')) {
      const { problem, span } = refusal;
      yield problem?.code === 'bom'
        ? refused(refusal, {
            cause: `The file begins with a byte order mark, so that its first name is not ${problem.subject ?? 'what it looks like'}.`,
            fix: 'Save the file as UTF-8 without a byte order mark.',
            edits: [{ file: span.file, start: span.start, end: span.start + 1, text: '' }],
          })
        : refused(refusal, {
            cause: 'The file holds no setting: nothing, or comments only.',
            fix: 'Look at what writes or mounts this file; a server without settings has no JetStream and no users.',
          });
    }
  },
});
