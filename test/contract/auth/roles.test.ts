import { type JsMsg, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection } from '../../../src/adapters/nats/connect.ts';
import { connectNats } from '../../../src/adapters/nats.ts';
import { natsAccess } from '../../../src/render/environment.ts';
import type { Account, User } from '../../../src/topology/model.ts';
import { natsServers } from '../../helpers/nats-servers.ts';
import {
  consumer,
  NO_ROLE,
  someAccount,
  someNats,
  someService,
  someTopology,
  stream,
} from '../../helpers/topology.ts';
import { GuardedServer, wrong } from './guarded-server.ts';

const MIB = 1024 ** 2;
const signal = new AbortController().signal;

const user = (name: string, parts: Partial<User>): User => ({
  ...NO_ROLE,
  name,
  account: 'APP',
  auth: 'password',
  ...parts,
});
const small = (name: string, account: string, ...subjects: string[]) => ({
  ...stream(name, ...subjects),
  account,
  maxBytes: 4 * MIB,
});

/** One of each role, all kinds of log-in, two accounts. */
const APP: Account = someAccount('APP', {
  users: [
    user('sender', {
      auth: 'bcrypt',
      publishes: ['orders.>', 'chat.*.typing'],
      inboxPrefix: '_INBOX_sender',
    }),
    user('worker', {
      auth: 'nkey',
      publishes: ['dead.>'],
      works: [{ stream: 'ORDERS', consumer: 'workers' }],
      inboxPrefix: '_INBOX_worker',
    }),
    user('observer', { observes: ['ORDERS'], inboxPrefix: '_INBOX_observer' }),
    user('asker', { requests: ['users.lookup'], inboxPrefix: '_INBOX_asker' }),
    user('answerer', { serves: ['users.lookup'] }),
    user('listener', { subscribes: ['chat.>'] }),
    user('nobody', {}),
    user('wide', { publishes: ['>'], subscribes: ['>'], works: [{ stream: 'DEAD', consumer: 'reader' }] }),
  ],
});
const BILLING = someAccount('BILLING', {
  users: [{ ...user('clerk', { auth: 'nkey', publishes: ['bills.new'] }), account: 'BILLING' }],
});
const creates = { streams: [{ name: 'OWN' }], consumers: [{ stream: 'OWN', name: 'own' }] };
const topology = someTopology({
  accounts: [APP, BILLING],
  streams: [
    // Refusals quote the subject, so one that has quotes itself must be recognised too.
    small('ORDERS', 'APP', 'orders.>', 'say."x"\\y.>'),
    small('DEAD', 'APP', 'dead.>'),
    small('BILLS', 'BILLING', 'bills.>'),
  ],
  consumers: [
    consumer('ORDERS', 'workers', { account: 'APP' }),
    consumer('ORDERS', 'others', { account: 'APP' }),
    consumer('DEAD', 'reader', { account: 'APP', maxDeliver: -1 }),
  ],
  services: [
    someService('maker', { account: 'APP', creates, publishes: ['own.>'] }),
    someService('free', { account: 'APP' }),
  ],
});

const servers = await natsServers();

describe.each(servers)('nats-server $version', (binary) => {
  let server: GuardedServer;
  const connections: NatsConnection[] = [];
  beforeAll(async () => {
    server = await GuardedServer.start(binary, topology);
  });
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await server?.[Symbol.asyncDispose]();
  });

  const as = async (name: string): Promise<NatsConnection> => {
    const { inboxPrefix = '_INBOX' } = APP.users.find((one) => one.name === name) ?? {};
    const access = natsAccess(server.deployment, name, 'host');
    const connection = await openConnection(access, { signal, timeoutMs: 5_000, inboxPrefix });
    connections.push(connection);
    return connection;
  };
  const admin = () =>
    connectNats(natsAccess(server.deployment, 'devenv', 'host'), { signal, timeoutMs: 5_000 });

  test('everybody may do what is declared and nothing else, and trying leaves nothing behind', async () => {
    const trials = await server.trials();
    expect(wrong(trials)).toEqual([]);
    const counts = (name: string) =>
      (['allowed', 'denied'] as const).map(
        (expected) => trials.filter((trial) => trial.user === name && trial.expected === expected).length,
      );
    for (const { name } of APP.users) expect(counts(name)[1], name).toBeGreaterThan(10);
    expect(trials.filter(({ seen }) => seen === 'skipped').map((trial) => trial.user)).not.toContain(
      'sender',
    );
    await using client = await admin();
    const streams = await client.listStreams();
    expect(streams.map(({ name, messages }) => [name, messages])).toEqual([
      ['DEAD', 0],
      ['ORDERS', 0],
    ]);
    expect((await client.listConsumers()).map(({ name }) => name).sort()).toEqual([
      'others',
      'reader',
      'workers',
    ]);
  });

  test('a sender publishes with an ack, a worker takes, acks and buries, both with their own log-in', async () => {
    const sender = await as('sender');
    for (const body of ['one', 'two']) {
      const ack = await jetstream(sender).publish('orders.new', body, { msgID: body });
      expect(ack.stream).toBe('ORDERS');
    }
    const worker = await as('worker');
    const workers = await jetstream(worker).consumers.get('ORDERS', 'workers');
    const taken: JsMsg[] = [];
    for await (const message of await workers.fetch({ max_messages: 2, expires: 3_000 })) taken.push(message);
    expect(taken.map((message) => message.string())).toEqual(['one', 'two']);
    // Answered by the server, so a right that is missing would be seen.
    expect(await taken[0]!.ackAck()).toBe(true);
    const buried = await jetstream(worker).publish('dead.new', taken[1]!.data, { msgID: 'dlq' });
    expect(buried.stream).toBe('DEAD');
    taken[1]!.term();
    await worker.flush();
    await using client = await admin();
    expect(await client.getConsumer('ORDERS', 'workers')).toMatchObject({ ackPending: 0, pending: 0 });
  });

  test('a worker hears that a message was given up, and reads it', async () => {
    const worker = await as('worker');
    const heard = new Promise<string>((resolve) => {
      worker.subscribe('$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ORDERS.workers', {
        callback: (error, message) => resolve(error === null ? message.subject : error.message),
      });
    });
    await worker.flush();
    await using client = await admin();
    // What the server itself says comes from its system, and admins may publish it as well.
    const boss = await as('devenv');
    boss.publish('$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ORDERS.workers', '{}');
    expect(await heard).toContain('MAX_DELIVERIES.ORDERS.workers');
    const { seq } = await client.publish('orders.read', 'text');
    const answer = await worker.request('$JS.API.STREAM.MSG.GET.ORDERS', JSON.stringify({ seq }));
    expect(answer.json<{ message: { subject: string } }>().message.subject).toBe('orders.read');
  });

  test('a request is answered by who serves it, and nobody else hears the reply', async () => {
    const answerer = await as('answerer');
    answerer.subscribe('users.lookup', { callback: (_error, message) => void message.respond('found') });
    await answerer.flush();
    const asker = await as('asker');
    expect((await asker.request('users.lookup')).string()).toBe('found');
    const sender = await as('sender');
    const refused = new Promise<string>((resolve) => {
      sender.subscribe('_INBOX_asker.>', { callback: (error) => resolve(error?.message ?? 'heard') });
    });
    await sender.flush();
    expect(await refused).toMatch(/Permissions Violation for Subscription to "_INBOX_asker.>"/);
  });

  test('an observer reads state and messages, and cannot delete them', async () => {
    const observer = await as('observer');
    const info = await observer.request('$JS.API.STREAM.INFO.ORDERS');
    expect(info.json<{ config: { name: string } }>().config.name).toBe('ORDERS');
    await expect(observer.request('$JS.API.STREAM.PURGE.ORDERS', '', { timeout: 1_000 })).rejects.toThrow(
      /Permissions Violation/,
    );
  });

  test('a service that makes its own stream and consumer can do so, and no other', async () => {
    const maker = await as('maker');
    const config = { name: 'OWN', subjects: ['own.>'], storage: 'memory', max_bytes: MIB };
    const made = await maker.request('$JS.API.STREAM.CREATE.OWN', JSON.stringify(config));
    expect(made.json<{ error?: unknown }>().error).toBeUndefined();
    const durable = { durable_name: 'own', ack_policy: 'explicit' };
    const consumerMade = await maker.request(
      '$JS.API.CONSUMER.DURABLE.CREATE.OWN.own',
      JSON.stringify({ stream_name: 'OWN', config: durable }),
    );
    expect(consumerMade.json<{ error?: unknown }>().error).toBeUndefined();
    await using client = await admin();
    await client.deleteStream('OWN');
  });
});

test('the tables of a server that somebody has edited differ from the declaration in just that', async () => {
  const binary = servers.at(-1)!;
  const edit = (conf: string) =>
    conf
      // The observer may do more, the sender less.
      .replace(
        '"$JS.API.CONSUMER.LIST.ORDERS"',
        '"$JS.API.CONSUMER.LIST.ORDERS"\n            "$JS.API.STREAM.PURGE.*"',
      )
      .replace('"chat.*.typing"', '"chat.*.typed"');
  await using server = await GuardedServer.start(binary, topology, edit);
  const found = wrong(await server.trials());
  expect(found).toContain('observer publish $JS.API.STREAM.PURGE.ORDERS: expected denied, seen allowed');
  expect(found.filter((line) => line.startsWith('sender'))).toEqual([
    expect.stringMatching(/^sender publish chat\.[0-9a-f]+\.typing: expected allowed, seen denied$/),
  ]);
  for (const line of found)
    expect(line).toMatch(/^(observer publish \$JS\.API\.STREAM\.PURGE\.|sender publish)/);
});

test('over TLS with client certificates everything is the same', async () => {
  const binary = servers.at(-1)!;
  const secure = { ...topology, nats: { ...someNats, tls: { verifyClients: true } } };
  await using server = await GuardedServer.start(binary, secure);
  expect(wrong(await server.trials())).toEqual([]);
});
