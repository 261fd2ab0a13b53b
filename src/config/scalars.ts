import * as z from 'zod';
import { DURATION_PATTERN, DURATION_UNITS, parseDuration } from '../topology/durations.ts';
import { nearest } from '../topology/nearest.ts';
import { parseSize, type Reading, SIZE_PATTERN, SIZE_UNITS } from '../topology/sizes.ts';

/**
 * The leaves of the schema. Every message is a clause that follows `path: value read: `, so that a problem reads
 * `nats.max_file_store: 10: has no unit; write …`.
 */
interface Unit {
  parse: (text: string) => Reading;
  pattern: RegExp;
  expected: string;
}

const withUnit = ({ parse, pattern, expected }: Unit) =>
  z
    .string({
      error: ({ input }) => {
        // YAML has read `10` as a number; the unit is what is missing, not quotes.
        const reading = typeof input === 'number' ? parse(String(input)) : undefined;
        return reading?.ok === false ? reading.reason : `expected ${expected}`;
      },
    })
    .meta({ pattern: pattern.source })
    .transform((text, context) => {
      const reading = parse(text);
      if (reading.ok) return reading.value;
      context.issues.push({ code: 'custom', message: reading.reason, input: text });
      return z.NEVER;
    });

/** `1GiB` → bytes. */
export const size = ({ max = Number.MAX_SAFE_INTEGER, most = '', zero = false } = {}) =>
  withUnit({
    parse: parseSize,
    pattern: SIZE_PATTERN,
    expected: `a size such as 512MiB or 10G (units: ${SIZE_UNITS})`,
  })
    .refine((bytes) => zero || bytes > 0, 'must be more than 0')
    .refine((bytes) => bytes <= max, `too large; at most ${most}`);

/** `20s` → milliseconds. */
export const duration = () =>
  withUnit({
    parse: parseDuration,
    pattern: DURATION_PATTERN,
    expected: `a duration such as 250ms, 20s or 24h (units: ${DURATION_UNITS})`,
  });

export const positiveDuration = () => duration().refine((ms) => ms > 0, 'must be more than 0');

export function whole({ min = 1, max = Number.MAX_SAFE_INTEGER } = {}) {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const expected = `expected a whole number ${range}`;
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** One of a few words; a near miss is named. */
export const choice = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, {
    error: ({ input }) => {
      const near = typeof input === 'string' ? nearest(input, values) : undefined;
      return `not allowed;${near === undefined ? '' : ` did you mean "${near}"?`} allowed: ${values.join(', ')}`;
    },
  });

/** A word in place of a number: `unlimited`, `forever`, `always`. */
export const orWord = <const Word extends string, Meaning, T extends z.ZodType<number, unknown>>(
  word: Word,
  meaning: Meaning,
  type: T,
  expected: string,
) =>
  z
    .union([z.literal(word), type], {
      error: (issue) => {
        const reason = reasonOfNumber(issue);
        return reason === undefined ? `expected ${expected} or ${word}` : `${reason}; or ${word}`;
      },
    })
    .transform((value): number | Meaning => (value === word ? meaning : (value as number)));

/** Why the number of `orWord` was refused, where that says more than what was expected: a missing or unknown unit. */
function reasonOfNumber({ errors, input }: { errors?: unknown; input?: unknown }): string | undefined {
  const members = Array.isArray(errors) ? (errors as { message?: string; code?: string }[][]) : [];
  const issue = members[1]?.[0];
  return issue?.code === 'custom' || typeof input === 'number' ? issue?.message : undefined;
}

export interface Word {
  pattern: RegExp;
  expected: string;
}

export const text = ({ pattern, expected }: Word) =>
  z.string({ error: `expected ${expected}` }).regex(pattern, { error: `not allowed; expected ${expected}` });

/**
 * A map whose keys are names. The keys are looked at after the values, and even when values are wrong, because a
 * record's own key check stops at the name and would hide what is wrong behind it.
 */
export const mapByName = <T extends z.ZodType>({ pattern, expected }: Word, values: T, of: string) =>
  z
    .record(z.string().meta({ pattern: pattern.source }), values, { error: `expected a map of ${of}` })
    .superRefine(
      (map, context) => {
        for (const key of Object.keys(map)) {
          if (pattern.test(key)) continue;
          context.addIssue({
            code: 'custom',
            path: [key],
            message: `not allowed; expected ${expected}`,
            params: { on: 'key' },
          });
        }
      },
      { when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value) },
    );

export const NAME_PATTERN = /^[a-z0-9][a-z0-9_-]{0,39}$/;
export const NAME_EXPECTED =
  'at most 40 lower-case letters, digits, "-" and "_", beginning with a letter or digit';

/** A project or an environment: it becomes part of container names, database folders and a Compose project. */
export const projectName = () => text({ pattern: NAME_PATTERN, expected: NAME_EXPECTED });

/** A host name in the container network and the name of a port. */
export const SERVICE_NAME: Word = {
  pattern: /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/,
  expected: 'at most 40 lower-case letters, digits and "-", beginning with a letter, not ending with "-"',
};

/** JetStream puts these names into subjects and into folder names. That a dot does not go is left to rule S17. */
export const streamName = () =>
  text({
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    pattern: /^[^\s*>/\\\u0000-\u001f\u007f]{1,255}$/u,
    expected: 'a name without spaces, "*", ">", "/" and "\\"',
  });

/** Unquoted Postgres identifiers mean the same in every client, so tables and columns are held to them. */
export const IDENTIFIER: Word = {
  pattern: /^[a-z_][a-z0-9_]{0,62}$/,
  expected: 'at most 63 lower-case letters, digits and "_", not beginning with a digit',
};
export const identifier = () => text(IDENTIFIER);

/** An entity's name is a token of the subjects its messages travel on. */
export const entityName = () =>
  text({
    pattern: /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
    expected: 'letters, digits, "_" and "-", beginning with a letter',
  });

export const VARIABLE_NAME: Word = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  expected: 'letters, digits and "_", not beginning with a digit',
};

/** Tokens between dots; `*` is a whole token, `>` the last one. */
export const subject = () =>
  text({
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    pattern: /^(?:(?:\*|[^\s.*>\u0000-\u001f\u007f]+)\.)*(?:>|\*|[^\s.*>\u0000-\u001f\u007f]+)$/u,
    expected:
      'a subject: words separated by single dots; "*" stands for one whole word, ">" for the rest and only at the end',
  });

/**
 * A subject as somebody's code writes it: a placeholder (`chat.{channel}.typing`) stands for any word, as `*` does. What
 * braces within a longer word are depends on the streams (`placeholders.ts`).
 */
export const subjectPattern = () =>
  subject().transform((written) =>
    written
      .split('.')
      .map((word) => (/^\{[^{}]+\}$/.test(word) ? '*' : word))
      .join('.'),
  );

/** `name`, `name:tag`, `host:5000/name@sha256:…`: no spaces, and no leading dash that a command would misread. */
export const image = () =>
  text({ pattern: /^[a-z0-9][A-Za-z0-9._/:@-]{0,254}$/, expected: 'an image such as nats:2.15.1-alpine' });

/** Not resolved yet: relative ones are relative to the project folder. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
export const path = () => text({ pattern: /^[^\u0000-\u001f]{1,4096}$/u, expected: 'a path' });

export const list = <T extends z.ZodType>(items: T, of: string) =>
  z.array(items, { error: `expected a list of ${of}` });
