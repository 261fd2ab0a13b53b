import fc from 'fast-check';

/** A value as it is written, and how to write a block. */
export type Written =
  | string
  | { block: readonly (readonly [string, Written])[] }
  | { items: readonly Written[] };

type Gen = fc.Arbitrary<Written>;

export const pick = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values);

/** Real ones, made for these tests. */
export const USER_KEY = 'UA6KOMQ67XOE3FHE37W4OXADVXVYISBNLTBUT2LSY5VFKAIJ7CRDR2RZ';
export const ACCOUNT_KEY = 'AC2D7AAUBXGXRS7KX37JX2DA5CYZZRWXWKOXXXWWLTRZQGUAXYIWXQF2';
export const OPERATOR_KEY = 'OAN3J6OLR7DGMOCRN533UH4OIPXJQ2GTNCR24MMOATEPSBQ5EM2MKCLJ';

export const bool = pick('true', 'false', 'yes', 'off', 'ON', 'no');
export const int = pick('0', '1', '10', '4222', '-1', '65536', '2147483647', '100');
export const bytes = fc.oneof(
  {
    weight: 3,
    arbitrary: pick('1MB', '64mb', '4k', '1GiB', '10G', '1024', '8MiB', '1kb', '2Gi', '1t', '0', '-1'),
  },
  // Every suffix in every case of its letters.
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        pick('1', '10', '-1', '007'),
        pick('k', 'm', 'g', 't', 'p', 'e', 'K', 'M', 'G', 'T', 'P', 'E'),
        pick('', 'b', 'B', 'i', 'I', 'ib', 'iB', 'Ib', 'IB', 'bi', 'x'),
      )
      .map((parts) => parts.join('')),
  },
);
export const word = fc.oneof(
  {
    weight: 8,
    arbitrary: pick('abc', '"abc"', "'abc'", 'a-b', '"with space"', '"a\\tb"', 'x1', '"a\\x41"', 'été'),
  },
  {
    weight: 1,
    arbitrary: pick(
      '(\nabc\n)',
      '(\n  a (b)\n  "c"\n)',
      '(\n)',
      '"a # b"',
      "'a // b'",
      'a//b',
      '"$NAME"',
      '$NAME',
      '$QUOTED',
    ),
  },
);
export const duration = fc.oneof(
  {
    weight: 8,
    arbitrary: pick('"2s"', '"1m30s"', '10ms', '"-1s"', '"1.5h"', '"0"', "'30s'", '"1h"', '"45s"'),
  },
  {
    weight: 1,
    arbitrary: pick(
      '"2S"',
      '2S',
      '"1us"',
      '1us',
      '"1µs"',
      '"1M"',
      '1m',
      '"1d"',
      '$AGE',
      '"+3s"',
      '".5s"',
      '"1h 2m"',
      '"300y"',
    ),
  },
);
export const address = pick(
  '4222',
  '"127.0.0.1:4222"',
  '127.0.0.1:4223',
  'localhost:80',
  '":8222"',
  '"[::1]:1"',
  '"0.0.0.0:-1"',
);
export const url = pick(
  '"nats-route://a:6222"',
  'nats://u:p@host:7422',
  '"tls://h"',
  '"ws://h:80/x"',
  '"host:1"',
  '"nats://[::1]:4"',
);
export const subject = pick(
  'foo',
  '"foo.*"',
  '"foo.>"',
  '">"',
  '"a.b.c"',
  '"$JS.API.>"',
  '_INBOX.>',
  '"*"',
  '"foo.*.bar"',
);
const queue = pick('"foo q"', '"foo.* q1"', '"foo  q.*"');

/** Wrong in an interesting way, mostly. */
export const wrong: Gen = fc.oneof(
  {
    weight: 6,
    arbitrary: pick('12345', 'true', '"abc"', '1.5', '1.5GB', '2024-01-01', '2024-01-01T00:00:00Z', '-x'),
  },
  {
    weight: 6,
    arbitrary: pick(
      '"1GB"',
      '"1G"',
      '"1024"',
      '"K"',
      '""',
      '12abc',
      '1kbb',
      '99999999999999999999',
      '9999999999G',
    ),
  },
  {
    weight: 6,
    arbitrary: pick(
      '10',
      '"10"',
      '"1 s"',
      '"1d"',
      '"s"',
      '"5s5"',
      '"a..b"',
      '"foo bar baz"',
      '"> q"',
      '"foo ."',
      '"a b"',
    ),
  },
  { weight: 4, arbitrary: pick('"host"', '"host:x"', '"a:b:1"', '"[::1"', '"h:"', '"[::1]x:1"', '"a b:1"') },
  {
    weight: 4,
    arbitrary: pick('"http://[::1"', '"%zz"', '":x"', '"nats://h:port"', '"nats://a b"', '" nats://h "'),
  },
  {
    weight: 4,
    arbitrary: pick(
      '$NAME',
      '$MISSING',
      '$LIST',
      '$BROKEN',
      '$2a$11$abcdef',
      '$2b$11$abcdef',
      '"$NAME"',
      '$a',
      '$SIZE',
      '$AGE',
      '$QUOTED',
      '$MAP',
    ),
  },
  { weight: 2, arbitrary: fc.constant({ items: [] }) },
  { weight: 2, arbitrary: fc.constant({ items: ['1', '"a"'] }) },
  { weight: 2, arbitrary: fc.constant({ block: [] }) },
  { weight: 2, arbitrary: fc.constant({ block: [['foo', '1']] as const }) },
  {
    weight: 1,
    arbitrary: pick('(\nabc\n)', '"\\u0041"', '"abc', "'abc", '', '[a', '{ a: b', '\\', '"\\x4"'),
  },
);

/** Now and then something else. */
export const mostly = (right: Gen, weight = 90): Gen =>
  fc.oneof({ weight, arbitrary: right }, { weight: 1, arbitrary: wrong });

export const listOf = (item: Gen, maxLength = 3): Gen =>
  fc.array(mostly(item), { maxLength }).map((items) => ({ items }));

/** Names of fields beside those of the block. */
const strangers = pick(
  'foo',
  'max_memory',
  'Port',
  'users',
  'name',
  'sync_interval',
  'port_',
  'max_mem',
  'user',
  'nkey',
  'strict',
  'limits',
  'trace_dest',
);

export type Fields = Readonly<Record<string, Gen>>;

const inSomeCase = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constant(name) },
    { weight: 3, arbitrary: fc.constant(name.toUpperCase()) },
    { weight: 3, arbitrary: fc.constant(`"${name}"`) },
    { weight: 1, arbitrary: fc.constant(`${name}s`) },
  );

/** Some of the fields, each at most once under whatever name; sometimes one that does not belong there. */
export function blockOf(fields: Fields, { max = 4, required = [] as readonly string[] } = {}): Gen {
  const names = Object.keys(fields).filter((name) => !required.includes(name));
  const chosen = fc.subarray(names, { maxLength: Math.min(max, names.length) });
  return fc
    .tuple(chosen, fc.integer({ min: 0, max: 79 }))
    .chain(([some, dice]) => {
      const all = dice === 0 ? some : [...required, ...some];
      const entries = all.map((name) =>
        fc.tuple(
          name.split(' ').length === 1
            ? inSomeCase(name)
            : fc.constantFrom(...name.split(' ')).chain(inSomeCase),
          mostly(fields[name]!),
        ),
      );
      const stranger = dice === 1 ? [fc.tuple(strangers, fc.oneof(word, int, bool))] : [];
      return fc.tuple(...entries, ...stranger);
    })
    .chain((entries) => fc.tuple(fc.constant(entries), fc.integer({ min: 0, max: 39 })))
    .map(([entries, dice]) => ({ block: byVariable(entries as [string, Written][], dice) }));
}

/** Now and then a value by way of a variable of the same block, or of one that a block around it has, too. */
function byVariable(
  entries: readonly [string, Written][],
  dice: number,
): readonly (readonly [string, Written])[] {
  const [first, ...rest] = entries;
  if (first === undefined || dice > 2) return entries;
  const [name, value] = first;
  // Before it is used, after it, and twice.
  if (dice === 0) return [['shared', value], [name, '$shared'], ...rest];
  if (dice === 1) return [[name, '$shared'], ...rest, ['shared', value]];
  return [['shared', '1'], ['shared', value], [name, '$shared'], ...rest];
}

export const subjects: Gen = fc.oneof(subject, listOf(subject));
export const queueSubjects: Gen = fc.oneof(subject, queue, listOf(fc.oneof(subject, queue)));
