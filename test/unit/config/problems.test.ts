import { describe, expect, it } from 'vitest';
import { accepted, refused } from './configuration.ts';

const streams = (body: string) =>
  `streams:\n  - {name: A, subjects: [a.>], max_bytes: 1MiB${body}}\nconsumers: []\nservices: {}\n`;
const entity = (body: string) =>
  `entities:\n  - name: Order\n    table: orders\n    key: [id]\n    fields: {id: text, note: "text?", doc: json}\n${body}`;
const service = (body: string) => `services:\n  web: {${body}}\n`;

/** A devenv.yaml with one mistake, and the one line that it must be answered with. */
const MISTAKES: readonly (readonly [what: string, yaml: string, line: string])[] = [
  [
    'an unknown key',
    'nats:\n  max_file_stor: 10GiB\n',
    'devenv.yaml:2:3: nats.max_file_stor: unknown key; did you mean "max_file_store"? allowed: version, image, binary, max_memory_store, max_file_store, sync_interval, servers, tls, limits',
  ],
  [
    'an unknown key at the top, with Windows line ends and a byte order mark',
    '\ufeffruntime: auto\r\nstreems: []\r\n',
    'devenv.yaml:2:1: streems: unknown key; did you mean "streams"? allowed: project, runtime, nats, postgres, node, accounts, system_account, streams, families, core_subjects, consumers, entities, services, doctor, ports',
  ],
  [
    'a size without unit',
    'nats:\n  max_file_store: 10\n',
    'devenv.yaml:2:19: nats.max_file_store: 10: has no unit; write KiB, MiB, GiB, TiB (powers of 1024), K, M, G, T (powers of 1000) or B, for example 10MiB',
  ],
  [
    'a duration without unit',
    streams(', max_age: 30'),
    'devenv.yaml:2:58: streams[0].max_age: 30: has no unit; write ms, s, m, h or d, for example 30s; or forever',
  ],
  [
    'a missing key',
    'streams:\n  - name: A\n    subjects: [a]\nconsumers: []\nservices: {}\n',
    'devenv.yaml:2:5: streams[0].max_bytes: missing; expected a size such as 512MiB or 10G (units: KiB, MiB, GiB, TiB (powers of 1024), K, M, G, T (powers of 1000) or B) or unlimited',
  ],
  [
    'a word that is not among the allowed ones',
    streams(', storage: disk'),
    'devenv.yaml:2:58: streams[0].storage: "disk": not allowed; allowed: file, memory',
  ],
  [
    'a list where a map belongs',
    'nats: []\n',
    'devenv.yaml:1:1: nats: a list: expected a map of keys and values',
  ],
  [
    'text instead of a document',
    'just text\n',
    'devenv.yaml:1:1: "just text": expected a map of keys and values',
  ],
  ['a list instead of a document', '- nats\n', 'devenv.yaml:1:1: a list: expected a map of keys and values'],
  [
    'a duplicate key',
    'nats:\n  version: 2.15.1\n  version: 2.14.0\n',
    'devenv.yaml:3:3: this key was already given above',
  ],
  ['a forbidden key', '__proto__:\n  nats: 1\n', 'devenv.yaml:1:1: unknown key "__proto__"'],
  [
    'two documents',
    'nats: {}\n---\nnats: {}\n',
    'devenv.yaml:2:1: a second document begins here; one is read',
  ],
  [
    'nesting without end',
    `nats: ${'['.repeat(5000)}${']'.repeat(5000)}`,
    'devenv.yaml:1:1006: is nested too deeply to be read',
  ],
  [
    'aliases that multiply',
    `x-a: &a [x, x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e', 'f']
      .map((name, index) => {
        const before = String.fromCharCode(name.charCodeAt(0) - 1);
        return `x-${name}: &${name} [${Array(10)
          .fill(`*${index === 0 ? 'a' : before}`)
          .join(', ')}]`;
      })
      .join('\n')}\nnats: {version: *f}\n`,
    'devenv.yaml:1:1: uses aliases (*name) more often than is sensible',
  ],
  [
    'a subject with an empty word',
    'streams:\n  - {name: A, subjects: [a..b], max_bytes: 1MiB}\nconsumers: []\nservices: {}\n',
    'devenv.yaml:2:26: streams[0].subjects[0]: "a..b": not allowed; expected a subject: words separated by single dots; "*" stands for one whole word, ">" for the rest and only at the end',
  ],
  [
    'a stream name with a slash',
    'streams:\n  - {name: a/b, subjects: [a], max_bytes: 1MiB}\nconsumers: []\nservices: {}\n',
    'devenv.yaml:2:12: streams[0].name: "a/b": not allowed; expected a name without spaces, "*", ">", "/" and "\\"',
  ],
  [
    'a service name that is taken',
    'services:\n  nats: {image: x}\n',
    'devenv.yaml:2:3: services.nats: the name "nats" is reserved; choose another',
  ],
  [
    'two sources of a service',
    service('image: x, build: .'),
    'devenv.yaml:2:3: services.web: needs exactly one of builtin, image, build, command; given are image and build',
  ],
  [
    'no source of a service',
    service('port: 80'),
    'devenv.yaml:2:3: services.web: needs exactly one of builtin, image, build, command; none of them is given',
  ],
  [
    'a command that needs a shell',
    service('command: npm run build && npm start'),
    'devenv.yaml:2:18: services.web.command: "npm run build && npm start": "&" needs a shell; write a list: [sh, -c, "…"], or quote it',
  ],
  [
    'health of a service without port',
    service('command: x, health: /healthz'),
    'devenv.yaml:2:29: services.web.health: "/healthz": there is nothing to ask without a port',
  ],
  ...['""', '[]', '[""]', '7'].map(
    (written) =>
      [
        `${written} as a command`,
        service(`command: ${written}`),
        expect.stringMatching(/^devenv\.yaml:2:\d+: services\.web\.command: .*expected a command/),
      ] as const,
  ),
  [
    'a version that is none',
    'postgres: {version: "18-alpine"}\n',
    'devenv.yaml:1:21: postgres.version: "18-alpine": expected a major version, such as 18',
  ],
  [
    'health that is no question',
    service('command: x, port: 80, health: readyz'),
    'devenv.yaml:2:39: services.web.health: "readyz": expected a path such as /readyz (asked by HTTP), tcp or none',
  ],
  [
    'an empty variable',
    service('command: x, environment: {A: }'),
    'devenv.yaml:2:35: services.web.environment.A: nothing: expected a value; write "" for an empty one',
  ],
  [
    'a name that no variable can have',
    service('command: x, environment: {"A=B": c}'),
    'devenv.yaml:2:35: services.web.environment["A=B"]: the name "A=B" is not allowed; expected letters, digits and "_", not beginning with a digit',
  ],
  [
    'a port of nobody',
    'ports:\n  ap: 8080\n',
    'devenv.yaml:2:3: ports.ap: no service is called so; did you mean "api"? allowed: nats, nats-monitor, postgres, api, worker',
  ],
  [
    'a port of a service without one',
    'services: {job: {command: x}}\nports: {job: 80}\n',
    'devenv.yaml:2:9: ports.job: the service "job" has no port of its own; give it `port:`',
  ],
  [
    'a built-in worker without its consumer',
    'consumers: []\n',
    'default: services.worker: the built-in worker needs a consumer on MESSAGES; declare it, or leave the built-in worker out of services',
  ],
  [
    'a table of the pipeline itself',
    'entities:\n  - {name: A, table: message_status, key: [id], fields: {id: text}}\n',
    'devenv.yaml:2:22: entities[0].table: "message_status" is already used by the pipeline itself',
  ],
  [
    'a key column that is not declared',
    'entities:\n  - {name: A, table: a, key: [idd], fields: {id: text}}\n',
    'devenv.yaml:2:31: entities[0].key[0]: no field is called "idd"; did you mean "id"? allowed: id',
  ],
  [
    'an optional key column',
    'entities:\n  - {name: A, table: a, key: [id], fields: {id: text?}}\n',
    'devenv.yaml:2:31: entities[0].key[0]: "id" is optional; rows without it could not be told apart',
  ],
  [
    'a derived key without the parent',
    entity('    derived:\n      - {from: items, table: items, key: [n], fields: {n: integer}}\n'),
    "devenv.yaml:7:37: entities[0].derived[0].key: lacks id: the parent's key has to be part of it",
  ],
  [
    "the parent's key declared again",
    entity(
      '    derived:\n      - {from: items, table: items, key: [id, n], fields: {id: text, n: integer}}\n',
    ),
    "devenv.yaml:7:60: entities[0].derived[0].fields.id: is the parent's key, which is copied into every row; leave it out here",
  ],
  [
    'one table twice',
    entity('    derived:\n      - {from: items, table: orders, key: [id, n], fields: {n: integer}}\n'),
    'devenv.yaml:7:30: entities[0].derived[0].table: "orders" is already used by entities.0',
  ],
  [
    'SQL in a column',
    'entities:\n  - {name: A, table: "a; drop table a", key: [id], fields: {id: text}}\n',
    'devenv.yaml:2:22: entities[0].table: "a; drop table a": not allowed; expected at most 63 lower-case letters, digits and "_", not beginning with a digit',
  ],
  [
    'an unknown type',
    'entities:\n  - {name: A, table: a, key: [id], fields: {id: text, x: varchar}}\n',
    'devenv.yaml:2:58: entities[0].fields.x: "varchar": not allowed; allowed: text, text?, integer, integer?, bigint, bigint?, numeric, numeric?, boolean, boolean?, date, date?, timestamp, timestamp?, uuid, uuid?, json, json?',
  ],
  [
    'a database of Postgres itself',
    'postgres: {database: template1}\n',
    'devenv.yaml:1:22: postgres.database: "template1" belongs to Postgres itself; choose another name',
  ],
  [
    'what a terminal would obey',
    'nats: {image: "\\e[2Jx\\u202e"}\n',
    'devenv.yaml:1:15: nats.image: "\\u001b[2Jx\\u202e": not allowed; expected an image such as nats:2.15.1-alpine',
  ],
];

describe('a devenv.yaml with', () => {
  it.each(MISTAKES)('%s is answered with one line', (_, yaml, line) => {
    expect(refused(yaml)).toEqual([line]);
  });

  it('many mistakes is answered with all of them, in the order of the file', () => {
    const lines = refused(
      [
        'nats: {version: 2.15, max_file_stor: 1}',
        'streams:',
        '  - {name: A, subjects: [], max_bytes: 1}',
        '  - {name: B, subjects: [b], max_bytes: 1MiB, replicas: 6}',
        'consumers:',
        '  - {stream: C, name: x, ack_wait: 0s}',
        'services:',
        '  Web: {command: "", port: 0}',
        '  ok: {image: a, builtin: api}',
      ].join('\n'),
    );
    expect(lines.map((line) => line.split(': ', 2).join(' '))).toEqual([
      'devenv.yaml:1:17 nats.version',
      'devenv.yaml:1:23 nats.max_file_stor',
      'devenv.yaml:3:15 streams[0].subjects',
      'devenv.yaml:3:40 streams[0].max_bytes',
      'devenv.yaml:4:57 streams[1].replicas',
      'devenv.yaml:6:36 consumers[0].ack_wait',
      'devenv.yaml:8:3 services.Web',
      'devenv.yaml:8:18 services.Web.command',
      'devenv.yaml:8:28 services.Web.port',
      'devenv.yaml:9:3 services.ok',
    ]);
  });

  it('a syntax error is answered with its place', () => {
    expect(refused('nats: {version: 2.15.1\nports: {}\n')[0]).toMatch(/^devenv\.yaml:\d+:\d+: /);
    expect(refused('a: "open\n')[0]).toMatch(/^devenv\.yaml:\d+:\d+: Missing closing "quote/);
  });

  it('a tag that would make something else of a value is refused', () => {
    expect(refused('nats: !!js/function "x"\n')[0]).toMatch(/^devenv\.yaml:1:7: Unresolved tag/);
  });

  it('own streams only is told what the shipped services miss', () => {
    const lines = refused('streams:\n  - {name: ORDERS, subjects: [orders.>], max_bytes: 1MiB}\n');
    expect(lines).toEqual([
      'default: services.api: the built-in api needs a stream that captures messages.ingest.>; declare it, or leave the built-in api out of services',
      'default: services.worker: the built-in worker needs a stream that captures messages.dlq.>; declare it, or leave the built-in worker out of services',
      'default: services.worker: the built-in worker needs a stream that captures messages.ingest.>; declare it, or leave the built-in worker out of services',
    ]);
  });
});

describe('a devenv.yaml that', () => {
  it.each([
    ['is empty', ''],
    ['holds comments only', '# nothing\n\n'],
    ['has keys with nothing behind them', 'nats:\npostgres:\nports:\nstreams:\n'],
  ])('%s means the defaults', (_, yaml) => {
    expect(accepted(yaml).topology).toEqual(accepted().topology);
  });

  it('sets one value keeps the others of its section and of all sections', () => {
    const { topology } = accepted('nats: {version: 2.14.0}\nports: {api: 9090}\n');
    const defaults = accepted().topology;
    expect(topology.nats).toEqual({ ...defaults.nats, version: '2.14.0', image: 'nats:2.14.0-alpine' });
    expect(topology.ports.at(-2)).toEqual({ name: 'api', preferred: 9090 });
    expect(topology.services[0]?.port).toEqual({ container: 8080, preferred: 9090 });
    expect(topology.streams).toEqual(defaults.streams);
  });

  it('lists things replaces the list', () => {
    const { topology } = accepted('streams: []\nconsumers: []\nentities: []\nservices: {}\n');
    expect([topology.streams, topology.consumers, topology.entities, topology.services]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    expect(topology.ports.map(({ name }) => name)).toEqual(['nats', 'nats-monitor', 'postgres']);
  });

  it('names the subjects of the built-in services has its own pipeline', () => {
    const yaml = `streams:
  - {name: IN, subjects: [orders.>], max_bytes: 1MiB}
  - {name: DEAD, subjects: [dead.>], max_bytes: 1MiB}
consumers: [{stream: IN, name: readers}]
services:
  api: {builtin: api, publishes: [orders.>]}
  worker: {builtin: worker, publishes: [dead.>], subscribes: [orders.>]}
`;
    expect(accepted(yaml).topology.services.map(({ publishes }) => publishes)).toEqual([
      ['orders.>'],
      ['dead.>'],
    ]);
  });

  it('declares services of every kind gets absolute paths and words', () => {
    const yaml = `services:
  a: {command: node server.js --name "my app", cwd: apps/a, environment: {VERSION: 1.10, ON: true, EMPTY: ""}, port: 3000}
  b: {build: {context: ./b, dockerfile: dev/Dockerfile}, command: [serve, "--all"], health: none}
  c: {image: "example/c:1", port: 80, health: /live}
`;
    expect(accepted(yaml).topology.services).toMatchObject([
      {
        source: {
          kind: 'command',
          command: ['node', 'server.js', '--name', 'my app'],
          cwd: '/projects/shop/apps/a',
        },
        environment: { VERSION: '1.10', ON: 'true', EMPTY: '' },
        health: { kind: 'tcp' },
      },
      {
        source: {
          kind: 'build',
          context: '/projects/shop/b',
          dockerfile: '/projects/shop/b/dev/Dockerfile',
          command: ['serve', '--all'],
        },
        health: { kind: 'none' },
      },
      { source: { kind: 'image', image: 'example/c:1' }, health: { kind: 'http', path: '/live' } },
    ]);
  });

  it('uses anchors and merge keys is read as if they were written out, with places', () => {
    const yaml = `x-stream: &stream {storage: memory, max_bytes: 1MiB}
streams:
  - {<<: *stream, name: A, subjects: [a]}
consumers: []
services: {}
`;
    const config = accepted(yaml);
    expect(config.topology.streams[0]).toMatchObject({ name: 'A', storage: 'memory', maxBytes: 2 ** 20 });
    expect(config.place(['streams', 0, 'max_bytes'])).toEqual({ file: 'devenv.yaml', line: 3, column: 5 });
  });

  it('takes the words that stand for no limit', () => {
    const { topology } = accepted(
      streams(', max_age: forever, max_msgs: unlimited, max_msg_size: unlimited'),
    );
    expect(topology.streams[0]).toMatchObject({
      maxAge: 0,
      maxMsgs: -1,
      maxMsgSize: -1,
      duplicateWindow: 120_000,
    });
  });

  it('has a short max_age gets a duplicate window that NATS accepts', () => {
    expect(accepted(streams(', max_age: 30s')).topology.streams[0]?.duplicateWindow).toBe(30_000);
  });

  it('knows where each value came from', () => {
    const config = accepted('nats:\n  max_file_store: 5GiB\n', { env: { DEVENV_NATS_IMAGE: 'a:b' } });
    expect(config.place(['nats', 'max_file_store'])).toEqual({ file: 'devenv.yaml', line: 2, column: 19 });
    expect(config.place(['nats', 'max_file_store'], 'key')).toEqual({
      file: 'devenv.yaml',
      line: 2,
      column: 3,
    });
    expect(config.place(['streams', 0, 'max_bytes'])).toBeUndefined();
    expect(config.origin(['nats', 'max_file_store'])).toBe('devenv.yaml:2:19');
    expect(config.origin(['nats', 'image'])).toBe('DEVENV_NATS_IMAGE');
    expect(config.origin(['streams', 0, 'max_bytes'])).toBe('default');
  });
});
