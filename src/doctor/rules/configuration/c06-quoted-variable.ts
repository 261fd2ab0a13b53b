import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeOf, valuesWithin } from '../../nats-conf/conf-values.ts';
import type { ConfValue } from '../../nats-conf/document.ts';
import { defineRule } from '../../rule.ts';

/** C06: in quotes a variable is text, and `nats-server -t` has nothing against it. */
export const c06QuotedVariable = defineRule({
  id: 'C06',
  title: 'variable in quotes',
  severity: 'error',
  meaning: 'A variable stands in quotes, so that the server takes its name for the value.',
  cause:
    'nats-server replaces $NAME only where it stands alone and without quotes. In quotes, with braces or without, it is the very characters: `nats-server -t` finds nothing wrong, and one can log in with the text of the template, but not with the password that was meant.',
  fix: 'Write $NAME without quotes and braces and give the variable to the server; or put the real value into the file (mode 0600) before the server reads it, for example with envsubst.',
  symptoms: ['Authorization Violation', 'authentication error - User'],
  *static(facts) {
    for (const { entries } of facts.confs)
      for (const { path, value } of valuesWithin(entries)) yield* look(path, value, facts);
  },
});

function* look(path: readonly string[], value: ConfValue, { env }: StaticFacts): Iterable<Report> {
  if (value.kind !== 'string' || !value.quoted || value.variable !== undefined) return;
  const [, braced, bare] = /\$\{([A-Za-z_]\w*)[^}]*\}|^\$([A-Za-z_]\w*)$/.exec(value.value) ?? [];
  const name = braced ?? bare;
  // The names of the two accounts that every server has.
  if (bare === 'G' || bare === 'SYS') return;
  // A real password may begin with a dollar sign: without braces only what is, or looks like, a variable counts.
  if (
    name === undefined ||
    (braced === undefined && !/^[A-Z][A-Z0-9_]*$/.test(name) && env[name] === undefined)
  )
    return;
  const field = path.filter((step) => !/^\d+$/.test(step)).at(-1) ?? '';
  const isWhole = /^\$(\{\w+\}|\w+)$/.test(value.value);
  const isSafe = /^[A-Za-z_][A-Za-z0-9_.:/@-]*$/.test(env[name] ?? '');
  yield {
    place: placeOf(value.span),
    cause: `${field} is the text ${value.value} itself: in quotes the server does not replace ${name}.`,
    fix: isWhole
      ? `Write $${name} without quotes${isSafe ? '' : ' and give the variable a value that the server reads as text (letters first, no comma, no #)'}; or put the real value there before the server reads the file.`
      : `nats-server replaces whole values only: put the finished text there before the server reads the file, or keep all of it in one variable.`,
    symptom: /pass|user|token|nkey/i.test(field) ? 'Authorization Violation' : value.value,
    ...(isWhole && isSafe
      ? {
          edits: [{ file: value.span.file, start: value.span.start, end: value.span.end, text: `$${name}` }],
        }
      : {}),
  };
}
