import * as z from 'zod/mini';

/** One or more environment variables that cannot be used. Each problem is a full line for the person who set them. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

type Variables = Record<string, z.core.$ZodType>;
type Values<V extends Variables> = { [K in keyof V]: z.output<V[K]> };

/**
 * Reads the named variables; an empty one counts as unset. Collects every problem and throws them together as a
 * ConfigurationError: `PORT: read "eighty", expected a port number, 0 to 65535`. Passwords in URLs are not repeated.
 */
export function readEnvironment<V extends Variables>(
  variables: V,
  environment: Readonly<Record<string, string | undefined>>,
): Values<V> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, schema] of Object.entries(variables)) {
    const text = environment[name] || undefined;
    const result = z.safeParse(schema, text);
    if (result.success) values[name] = result.data;
    else problems.push(...result.error.issues.map((issue) => describe(name, text, issue)));
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return values as Values<V>;
}

function describe(name: string, text: string | undefined, issue: z.core.$ZodIssue): string {
  if (text === undefined) return `${name}: not set, expected ${issue.message}`;
  if (issue.path.length === 0)
    return `${name}: read ${show(withoutPassword(text))}, expected ${issue.message}`;
  const place = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  return `${name}${place}: read ${show(valueAt(text, issue.path))}, expected ${issue.message}`;
}

function valueAt(text: string, path: readonly PropertyKey[]): unknown {
  let value: unknown = JSON.parse(text);
  for (const part of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
  return value;
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

/** A seed is a secret as a whole; of several URLs only the last one's address is left. */
const withoutPassword = (text: string): string =>
  text.startsWith('SU') ? 'SU***' : text.replace(/^([a-z]+:\/\/[^:/@]*):.*@/is, '$1:***@');

/** Matched by hand, because a schema error inside ENTITIES needs the parsed JSON and a plain one does not. */
export const json = <T extends z.core.$ZodType>(inner: T, expected: string) =>
  z.pipe(
    z.pipe(
      z.string(expected),
      z.transform((text, context) => {
        try {
          return JSON.parse(text) as unknown;
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          context.issues.push({ code: 'custom', message: `${expected} (${reason})`, input: text });
          return z.NEVER;
        }
      }),
    ),
    inner,
  );

const url = (protocols: readonly string[], expected: string) =>
  z.string(expected).check(
    z.refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
      error: expected,
    }),
  );

const EXPECTED_NATS = 'a URL like nats://user:password@host:4222, or several separated by commas';

const natsUrls = z.string(EXPECTED_NATS).check(
  z.refine(
    (text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .every((part) => URL.canParse(part) && ['nats:', 'tls:'].includes(new URL(part).protocol)),
    { error: EXPECTED_NATS },
  ),
);

const whole = (min: number, max: number, expected: string) =>
  z.pipe(
    z.string(expected).check(z.regex(/^\d+$/, expected)),
    z.pipe(
      z.transform((text: string) => Number(text)),
      z.number().check(z.gte(min, expected), z.lte(max, expected)),
    ),
  );

const token = (fallback: string) => {
  const expected = 'a name of letters, digits, "-" and "_"';
  return z._default(z.string(expected).check(z.regex(/^[A-Za-z0-9_-]+$/, expected)), fallback);
};

const subject = (fallback: string) => {
  const expected = 'a subject without wildcards, such as "messages.ingest"';
  return z._default(
    z.string(expected).check(z.regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, expected)),
    fallback,
  );
};

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What more than one program reads; the defaults are the names that the shipped pipeline uses. */
export const VARIABLES = {
  NATS_URL: natsUrls,
  NATS_NKEY_SEED: z.optional(z.string().check(z.regex(/^SU[A-Z2-7]{56}$/, 'the seed of a user, SU…'))),
  NATS_CA: z.optional(z.string()),
  NATS_CERT: z.optional(z.string()),
  NATS_KEY: z.optional(z.string()),
  NATS_INBOX_PREFIX: z.optional(z.string()),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'a URL like postgresql://user:password@host:5432/database'),
  HOST: z._default(z.string(), '127.0.0.1'),
  PORT: whole(0, 65_535, 'a port number, 0 to 65535'),
  LOG_LEVEL: z._default(z.enum(LEVELS, `one of ${LEVELS.join(', ')}`), 'info'),
  NATS_STREAM: token('MESSAGES'),
  NATS_DLQ_STREAM: token('MESSAGESDLQ'),
  NATS_CONSUMER: token('workers'),
  SUBJECT_PREFIX: subject('messages.ingest'),
  DLQ_SUBJECT_PREFIX: subject('messages.dlq'),
} as const;

/** What it takes to reach NATS. */
const { NATS_URL, NATS_NKEY_SEED, NATS_CA, NATS_CERT, NATS_KEY, NATS_INBOX_PREFIX } = VARIABLES;
export const NATS_VARIABLES = { NATS_URL, NATS_NKEY_SEED, NATS_CA, NATS_CERT, NATS_KEY, NATS_INBOX_PREFIX };

/** A whole number with a default, in the range given. */
export const wholeNumber = (fallback: number, min: number, max: number) =>
  z._default(whole(min, max, `a whole number, ${min} to ${max}`), fallback);

/** A port that may be left out: `undefined` then means "do not listen". */
export const optionalPort = z.optional(VARIABLES.PORT);
