import { describe, expect, it } from 'vitest';
import { accepted, refused } from './configuration.ts';

/** Streams, a consumer and no services, for declarations about something else. */
const BASE = `streams:
  - {name: ORDERS, subjects: [orders.>], max_bytes: 1MiB}
consumers:
  - {stream: ORDERS, name: billing}
`;

describe('accounts', () => {
  it('are the one of the server, and one for the system, when none is declared', () => {
    const { accounts, systemAccount, streams, consumers, services } = accepted().topology;
    expect(accounts).toEqual([
      {
        name: '$G',
        jetstream: { maxMemory: -1, maxFile: -1, maxStreams: -1, maxConsumers: -1 },
        users: [],
      },
    ]);
    expect(systemAccount).toEqual({ name: 'SYS', jetstream: null, users: [] });
    for (const { account } of [...streams, ...consumers, ...services]) expect(account).toBe('$G');
  });

  it('have limits, users and roles; the first is where everything is that names no other', () => {
    const { topology } = accepted(`${BASE}services: {}
accounts:
  APP:
    jetstream: {max_memory: 64MiB, max_file: 1GiB, max_streams: 10, max_consumers: 50}
    users:
      reporting: {auth: nkey, works: [ORDERS/billing], observes: [ORDERS], inbox_prefix: _INBOX_r}
      nobody:
  BARE:
  CORE: {jetstream: false}
  OPS: {users: {reader: {subscribes: ["$SYS.>"]}}}
system_account: OPS
`);
    expect(topology.accounts.map(({ name, jetstream }) => [name, jetstream?.maxFile ?? null])).toEqual([
      ['APP', 2 ** 30],
      ['BARE', -1],
      ['CORE', null],
    ]);
    expect(topology.accounts[0]?.users).toMatchObject([
      {
        name: 'reporting',
        account: 'APP',
        auth: 'nkey',
        works: [{ stream: 'ORDERS', consumer: 'billing' }],
        observes: ['ORDERS'],
        inboxPrefix: '_INBOX_r',
      },
      { name: 'nobody', auth: 'password', publishes: [], inboxPrefix: '_INBOX' },
    ]);
    expect(topology.systemAccount).toMatchObject({ name: 'OPS', users: [{ name: 'reader' }] });
    expect(topology.streams[0]?.account).toBe('APP');
    expect(topology.consumers[0]?.account).toBe('APP');
  });

  it('are where a stream says, with its consumers, and where a service says or its user is', () => {
    const { topology } = accepted(`accounts:
  APP:
  BILLING: {users: {clerk: {inbox_prefix: _INBOX_clerk}}}
streams: [{name: BILLS, account: BILLING, subjects: [bills.>], max_bytes: 1MiB}]
consumers: [{stream: BILLS, name: clerks}]
services:
  here: {command: x}
  there: {command: x, account: BILLING}
  as-clerk: {command: x, user: clerk}
`);
    expect(topology.consumers[0]?.account).toBe('BILLING');
    expect(
      topology.services.map(({ name, account, user, inboxPrefix }) => [name, account, user, inboxPrefix]),
    ).toEqual([
      ['here', 'APP', 'here', '_INBOX'],
      ['there', 'BILLING', 'there', '_INBOX'],
      ['as-clerk', 'BILLING', 'clerk', '_INBOX_clerk'],
    ]);
  });
});

describe('a role', () => {
  it('says how a consumer is worked, how often to reconnect, and what its code creates', () => {
    const { topology } = accepted(`${BASE}services:
  billing:
    command: x
    works: [{consumer: ORDERS/billing, handler_time: 45s, prefetch: 100, expires: 30s, idle_heartbeat: 15s, extends_ack_wait: true, idempotent: true}]
    message_ids: true
    max_reconnects: forever
    creates: {streams: [{name: OWN, max_bytes: unlimited, max_age: 24h}], consumers: [{stream: OWN, name: own, ack_wait: 5s}]}
`);
    expect(topology.services[0]).toMatchObject({
      works: [
        {
          stream: 'ORDERS',
          consumer: 'billing',
          handlerTime: 45_000,
          prefetch: 100,
          expires: 30_000,
          idleHeartbeat: 15_000,
          extendsAckWait: true,
          idempotent: true,
        },
      ],
      messageIds: true,
      maxReconnects: -1,
      creates: {
        streams: [{ name: 'OWN', maxBytes: -1, maxAge: 86_400_000 }],
        consumers: [{ stream: 'OWN', name: 'own', ackWait: 5_000 }],
      },
    });
    expect(Object.keys(topology.services[0]!.creates.streams[0]!)).toEqual(['name', 'maxBytes', 'maxAge']);
  });

  it('takes a word with a placeholder for any word', () => {
    const { topology } = accepted(`${BASE}core_subjects: ["chat.{channel}.typing"]
services: {chat: {command: x, publishes: ["chat.{channel}.typing", "room_{id}.a"], subscribes: [a.*.b]}}
`);
    expect(topology.coreSubjects).toEqual(['chat.*.typing']);
    expect(topology.services[0]).toMatchObject({
      publishes: ['chat.*.typing', '*.a'],
      subscribes: ['a.*.b'],
    });
  });

  it('of the built-in worker is read off the stream whose subjects it names, or said outright', () => {
    const worker = (more: string) =>
      accepted(`services: {worker: {builtin: worker${more}}}`).topology.services[0];
    const works = [{ stream: 'MESSAGES', consumer: 'workers' }];
    for (const more of ['', ', subscribes: [messages.ingest.>]', ', works: [MESSAGES/workers]'])
      expect(worker(more)).toMatchObject({ works, subscribes: [], publishes: ['messages.dlq.>'] });
  });
});

describe('a family', () => {
  it('makes a stream for each member, and a consumer on each', () => {
    const { topology } = accepted(`streams: []
families:
  - {name: "chat_{channel}_log", members: [general, random], at_most: 50, subjects: ["chat.{channel}.>"], max_bytes: 10MiB}
consumers: [{stream: "chat_{channel}_log", name: logger, inactive_threshold: 1h}]
services: {logger: {command: x, works: ["chat_{channel}_log/logger"], observes: [chat_general_log]}}
`);
    expect(topology.families).toMatchObject([
      { name: 'chat_{channel}_log', placeholder: 'channel', members: ['general', 'random'], atMost: 50 },
    ]);
    expect(topology.streams.map(({ name, family, subjects }) => [name, family, subjects])).toEqual([
      ['chat_general_log', 'chat_{channel}_log', ['chat.general.>']],
      ['chat_random_log', 'chat_{channel}_log', ['chat.random.>']],
    ]);
    expect(topology.consumers.map(({ stream, inactiveThreshold }) => [stream, inactiveThreshold])).toEqual([
      ['chat_general_log', 3_600_000],
      ['chat_random_log', 3_600_000],
    ]);
    expect(topology.services[0]?.works.map(({ stream }) => stream)).toEqual([
      'chat_general_log',
      'chat_random_log',
    ]);
  });
});

describe('a cluster', () => {
  it('has ports for each server, side by side unless named, and three copies of each stream unless said', () => {
    const { topology } = accepted(`nats: {servers: 3, tls: {verify_clients: true}}
ports: {nats: 5000, nats-3: 7000}
streams:
  - {name: MESSAGES, subjects: [messages.ingest.>], max_bytes: 1MiB}
  - {name: MESSAGESDLQ, subjects: [messages.dlq.>], max_bytes: 1MiB, replicas: 1, placement: ["az:2"]}
`);
    expect(topology.nats).toMatchObject({ servers: 3, tls: { verifyClients: true } });
    expect(topology.ports.slice(0, 9).map(({ name, preferred }) => `${name} ${preferred}`)).toEqual([
      ...['nats-1 5000', 'nats-1-monitor 8222', 'nats-1-route 6222'],
      ...['nats-2 5001', 'nats-2-monitor 8223', 'nats-2-route 6223'],
      ...['nats-3 7000', 'nats-3-monitor 8224', 'nats-3-route 6224'],
    ]);
    expect(topology.streams.map(({ replicas, placement }) => [replicas, placement])).toEqual([
      [3, []],
      [1, ['az:2']],
    ]);
  });
});

it('files for the doctor are made absolute; its ignored rules are kept', () => {
  expect(accepted('doctor: {nats_conf: [a.conf], manifests: [/m.yaml], ignore: [E14]}').doctor).toEqual({
    natsConf: ['/projects/shop/a.conf'],
    compose: [],
    manifests: ['/m.yaml'],
    ignore: ['E14'],
  });
});

it('a value counts as given where it stands, not where a neighbour does', () => {
  const { isGiven } = accepted('nats: {tls: true}\n', { env: { DEVENV_NODE_IMAGE: 'node:24' } });
  expect(
    [
      ['nats', 'tls'],
      ['nats', 'image'],
      ['node', 'image'],
      ['postgres', 'image'],
    ].map(isGiven),
  ).toEqual([true, false, true, false]);
});

describe('a declaration with', () => {
  it.each([
    [
      'a user that is declared nowhere',
      'accounts: {APP: {users: {reporting: {}}}}\nservices: {a: {command: x, user: raporting}}\n',
      'services.a.user: no user is called "raporting" in accounts; did you mean "reporting"? allowed: reporting',
    ],
    [
      'a user where there are none',
      'services: {a: {command: x, user: reporting}}\n',
      'services.a.user: no user is called "reporting" in accounts; leave it out, and the service has a user of its own',
    ],
    [
      'a user of another account',
      'accounts: {APP: {}, OTHER: {users: {u: {}}}}\nservices: {a: {command: x, user: u, account: APP}}\n',
      'services.a.user: "u" is a user of OTHER, and the service is in APP',
    ],
    [
      'the same user in two accounts',
      'accounts: {A: {users: {u: {}}}, B: {users: {u: {}}}}\nservices: {}\n',
      'accounts.B.users.u: "u" is already used by accounts.A.users',
    ],
    [
      "a user that is devenv's own",
      'accounts: {A: {users: {devenv-B: {}}}}\nservices: {}\n',
      'accounts.A.users.devenv-B: the user "devenv-B" is devenv\'s own; choose another name',
    ],
    [
      'a service that would log in as devenv',
      'services: {monitor: {command: x}}\n',
      'services.monitor: it would log in as "monitor", which is devenv\'s own user; choose another name or give it a `user`',
    ],
    [
      'a service with the name of a server',
      'services: {nats-2: {command: x}}\n',
      'services.nats-2: the name "nats-2" is reserved; choose another',
    ],
    [
      'an account that is not there',
      'accounts: {APP: {}}\nservices: {a: {command: x, account: APPS}}\n',
      'services.a.account: no account is called "APPS"; did you mean "APP"? allowed: APP, SYS',
    ],
    [
      'a mistyped key of how a consumer is worked',
      'services: {a: {command: x, works: [{consumer: ORDERS/billing, handler_tim: 5s}]}}\n',
      'services.a.works[0].handler_tim: unknown key; did you mean "handler_time"? allowed: consumer, handler_time, prefetch, expires, idle_heartbeat, extends_ack_wait, idempotent',
    ],
    [
      'two servers',
      'nats: {servers: 2}\nservices: {}\n',
      'nats.servers: 2: expected 1, 3 or 5: a cluster needs a majority to agree',
    ],
    [
      'a family without a placeholder',
      'families: [{name: chat, subjects: [chat.>], max_bytes: 1MiB}]\nservices: {}\n',
      'families[0].name: "chat": not allowed; expected a stream name with one placeholder in braces, such as chat_{channel}_moderation',
    ],
    [
      'an inbox prefix with a wildcard',
      'services: {a: {command: x, inbox_prefix: "_INBOX.>"}}\n',
      'services.a.inbox_prefix: "_INBOX.>": not allowed; expected a word, or words separated by dots, such as _INBOX or _INBOX_api',
    ],
    [
      'no JetStream where limits were meant',
      'accounts: {APP: {jetstream: true}}\nservices: {}\n',
      'accounts.APP.jetstream: true: expected false, or a map of limits ({} for none)',
    ],
  ])('%s is answered with one line that names it', (_, yaml, line) => {
    const lines = refused(`${BASE}${yaml}`);
    expect(lines.map((each) => each.replace(/^devenv\.yaml:\d+:\d+: /, ''))).toEqual([line]);
    expect(lines[0]).toMatch(/^devenv\.yaml:[4-9]:\d+: /);
  });
});

describe('braces in subjects', () => {
  const braces = (more: string) => accepted(`services: {}\nentities: []\n${more}`).topology;

  it('of a consumer on a family stand for the member', () => {
    const { consumers } = braces(
      'streams: [{name: "odd_{id}", subjects: ["odd.{id}"], max_bytes: 1MiB}]\n' +
        'families: [{name: "room_{id}", members: [a, b], subjects: ["room.{id}.>"], max_bytes: 1MiB}]\n' +
        'consumers:\n' +
        '  - {stream: "room_{id}", name: posts, filter_subjects: ["room.{id}.post", "room.*.{other}"]}\n' +
        '  - {stream: room_b, name: own, filter_subjects: ["room.{id}.x"]}\n' +
        '  - {stream: "odd_{id}", name: odd, filter_subjects: ["odd.{id}"]}\n',
    );
    expect(consumers.map(({ stream, filterSubjects }) => [stream, filterSubjects])).toEqual([
      ['room_a', ['room.a.post', 'room.*.{other}']],
      ['room_b', ['room.b.post', 'room.*.{other}']],
      ['room_b', ['room.{id}.x']],
      ['odd_{id}', ['odd.{id}']],
    ]);
  });

  it('of a program stand for any word, unless a stream is declared with the very word', () => {
    const { services, coreSubjects } = accepted(
      'entities: []\nconsumers: []\nstreams: [{name: ODD, subjects: ["c{d}.x"], max_bytes: 1MiB}]\n' +
        'core_subjects: ["room-{id}.typing"]\n' +
        'services: {w: {command: node w.js, publishes: ["c{d}.y", "room-{id}.{day}.>"], requests: ["r{x}"]}}\n',
    ).topology;
    expect(services[0]).toMatchObject({ publishes: ['c{d}.y', '*.*.>'], requests: ['*'] });
    expect(coreSubjects).toEqual(['*.typing']);
  });
});
