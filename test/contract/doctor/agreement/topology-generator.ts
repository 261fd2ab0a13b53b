import fc from 'fast-check';

/** A devenv.yaml as the object that it is read into; sizes and durations with their units. */
export type Declaration = Record<string, unknown>;

/** Few words, so that subjects meet by chance; braces are ordinary characters to a server. */
const word = fc.constantFrom('a', 'b', 'c', 'd', '*', '*', 'c{d}');
const subject = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '', '.>'))
      .map(([words, rest]) => `${words.join('.')}${rest}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('>', '$JS.API.>', '$JS.API.INFO', '$KV.a.>', '$JS.EVENT.>') },
);
/** Behind a first word of its own, so that most streams do not meet. */
const subjectsBehind = (first: string) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.uniqueArray(
        subject.map((text) => (text.startsWith('$') || text === '>' ? text : `${first}.${text}`)),
        { minLength: 1, maxLength: 2 },
      ),
    },
    { weight: 1, arbitrary: fc.array(subject, { minLength: 1, maxLength: 2 }) },
  );

/** Written in one of so many. */
const optional = <T>(value: fc.Arbitrary<T>, of = 4): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: of - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const storedFields = (servers: number) => ({
  storage: optional(fc.constantFrom('file', 'file', 'memory')),
  max_bytes: fc.constantFrom('1MiB', '3MB', '4MiB', '7.5MiB', '8MiB', '16MiB', 'unlimited'),
  max_age: optional(fc.constantFrom('99ms', '100ms', '1m', '119s', '2m', '24h', '24h', '24h')),
  duplicate_window: optional(fc.constantFrom('99ms', '100ms', '30s', '30s', '2m', '121s')),
  retention: optional(fc.constantFrom('limits', 'workqueue', 'interest'), 3),
  replicas: optional(
    servers === 1 ? fc.constantFrom(1, 1, 3) : fc.constantFrom(1, 2, 3, 3, 3, 5),
    servers === 1 ? 8 : 2,
  ),
  placement: optional(fc.constantFrom(['az:1'], ['az:1', 'az:2'], ['az:9']), servers === 1 ? 4 : 12),
});

const stream = (name: string, servers: number, accounts: readonly string[]) =>
  fc.record(
    {
      name: fc.oneof(
        { weight: 40, arbitrary: fc.constantFrom(name, `${name}_{x}`, `${name}-ü`) },
        { weight: 1, arbitrary: fc.constant(`${name}.x`) },
      ),
      subjects: subjectsBehind(name.toLowerCase()),
      account: optional(fc.constantFrom(...accounts)),
      ...storedFields(servers),
    },
    { noNullPrototype: true },
  );

const family = (servers: number, accounts: readonly string[]) =>
  fc.record(
    {
      name: fc.constant('f_{x}'),
      members: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
      at_most: optional(fc.constantFrom(1, 3, 5)),
      subjects: fc.constantFrom(['f.{x}.>'], ['f.{x}', 'f.{x}.b'], ['f.b.{x}'], ['f.x{x}.*'], ['f.b']),
      account: optional(fc.constantFrom(...accounts)),
      ...storedFields(servers),
    },
    { noNullPrototype: true },
  );

const consumer = (name: string, streams: readonly string[]) =>
  fc.record(
    {
      stream: fc.constantFrom(...streams),
      name: fc.oneof(
        { weight: 40, arbitrary: fc.constant(name) },
        { weight: 1, arbitrary: fc.constant(`${name}.x`) },
      ),
      filter_subjects: optional(
        fc.oneof(
          fc.array(subject, { minLength: 1, maxLength: 2 }),
          fc.constantFrom(...streams).chain((first) => subjectsBehind(first.slice(0, 1).toLowerCase())),
        ),
        2,
      ),
      ack_wait: optional(fc.constantFrom('500ms', '30s')),
      max_deliver: optional(fc.constantFrom(1, 2, 3, 'unlimited'), 2),
      backoff: optional(fc.constantFrom([], ['1s'], ['1s', '2s'], ['1s', '2s', '3s', '4s', '5s', '6s']), 2),
      deliver_policy: optional(fc.constantFrom('all', 'new', 'last')),
    },
    { noNullPrototype: true },
  );

/** How one service pulls; short, so that an accepted request says so soon. */
const pull = fc.record({
  expires: fc.constantFrom('400ms', '600ms', '1s'),
  idle_heartbeat: fc.constantFrom('200ms', '300ms', '301ms', '500ms'),
});

const limits = fc.record(
  {
    // What two accounts are promised still fits the smallest server.
    max_file: optional(fc.constantFrom('4MiB', '3MB')),
    max_memory: optional(fc.constant('0B')),
    max_streams: optional(fc.constantFrom(1, 2, 9)),
    max_consumers: optional(fc.constantFrom(1, 9)),
  },
  { noNullPrototype: true },
);

/**
 * Small systems of which about as many are healthy as are not: few enough things that one mistake does not hide the
 * next, and numbers on both sides of each border.
 */
export const declaration = (servers: 1 | 3): fc.Arbitrary<Declaration> =>
  fc
    .record({
      accounts: optional(fc.constantFrom(['APP'], ['APP', 'OTHER']), 2),
      count: fc.integer({ min: 1, max: 3 }),
      store: fc.constantFrom('8MiB', '24MiB', '25MB', '100MiB', '1GiB', '1GiB', '1GiB'),
      memory: fc.constantFrom('0B', '8MiB', '64MiB', '64MiB', '64MiB'),
    })
    .chain(({ accounts, count, store, memory }) => {
      const names = ['A', 'B', 'C'].slice(0, count);
      const owners = accounts ?? ['$G'];
      return fc
        .record({
          limits: fc.array(limits, { minLength: 2, maxLength: 2 }),
          streams: fc.tuple(...names.map((name) => stream(name, servers, owners))),
          families: optional(family(servers, owners), 3),
          pull,
        })
        .chain((parts) => {
          const streams = parts.streams.map((each) => each.name);
          return fc
            .array(
              fc.integer({ min: 1, max: 9 }).chain((index) => consumer(`w${index}`, streams)),
              { maxLength: 2 },
            )
            .map((consumers): Declaration => {
              const unique = [
                ...new Map(consumers.map((one) => [`${one.stream}/${one.name}`, one])).values(),
              ];
              return clean({
                nats: { servers, max_file_store: store, max_memory_store: memory },
                ...(accounts !== undefined && {
                  accounts: Object.fromEntries(
                    accounts.map((name, index) => [name, { jetstream: parts.limits[index] }]),
                  ),
                }),
                streams: parts.streams.map((each) =>
                  accounts === undefined ? { ...each, account: undefined } : each,
                ),
                families: [parts.families].flatMap((each) =>
                  each === undefined ? [] : [accounts === undefined ? { ...each, account: undefined } : each],
                ),
                consumers: unique,
                services:
                  unique[0] === undefined
                    ? {}
                    : { w: { command: 'true', ...workOf(unique[0], accounts, parts) } },
                entities: [],
              });
            });
        });
    });

function workOf(
  { stream: name, name: consumerName }: { stream: string; name: string },
  accounts: readonly string[] | undefined,
  {
    streams,
    pull: how,
  }: { streams: readonly { name: string; account?: string | undefined }[]; pull: object },
): object {
  const owner = streams.find((each) => each.name === name)?.account ?? accounts?.[0];
  return {
    ...(accounts !== undefined && { account: owner }),
    works: [{ consumer: `${name}/${consumerName}`, ...how }],
  };
}

/** Without what is undefined, which YAML cannot say. */
const clean = (value: object): Declaration => JSON.parse(JSON.stringify(value)) as Declaration;
