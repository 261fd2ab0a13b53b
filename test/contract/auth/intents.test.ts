import { AckPolicy, DeliverPolicy, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection } from '../../../src/adapters/nats/connect.ts';
import { natsAccess } from '../../../src/render/environment.ts';
import type { User } from '../../../src/topology/model.ts';
import { natsServers } from '../../helpers/nats-servers.ts';
import { consumer, NO_ROLE, someAccount, someService, someTopology, stream } from '../../helpers/topology.ts';
import { GuardedServer, wrong } from './guarded-server.ts';

/** Every way in which programs do what a role says, by a real client: none of it may be refused. */
const MIB = 1024 ** 2;
const signal = new AbortController().signal;

const user = (name: string, parts: Partial<User>): User => ({
  ...NO_ROLE,
  name,
  account: 'APP',
  auth: 'password',
  inboxPrefix: `_INBOX_${name}`,
  ...parts,
});
const small = (name: string, ...subjects: string[]) => ({
  ...stream(name, ...subjects),
  account: 'APP',
  maxBytes: 4 * MIB,
});
const topology = someTopology({
  accounts: [
    someAccount('APP', {
      users: [
        user('sender', { publishes: ['orders.>', 'chat.*'] }),
        user('worker', { works: [{ stream: 'ORDERS', consumer: 'workers' }] }),
        user('observer', { observes: ['ORDERS'] }),
        user('asker', { requests: ['users.lookup', '$SRV.>'] }),
        user('answerer', { serves: ['users.lookup'] }),
        user('settings', { publishes: ['$KV.S.>'], observes: ['KV_S'] }),
        user('queueWatcher', { observes: ['QUEUE'] }),
      ],
    }),
  ],
  streams: [
    small('ORDERS', 'orders.>'),
    small('KV_S', '$KV.S.>'),
    { ...small('QUEUE', 'jobs.>'), retention: 'workqueue' },
  ],
  consumers: [consumer('ORDERS', 'workers', { account: 'APP' })],
  services: [
    someService('maker', {
      account: 'APP',
      publishes: ['own.>'],
      works: [{ stream: 'OWN', consumer: 'own' }],
      creates: {
        streams: [{ name: 'OWN', subjects: ['own.>'] }],
        consumers: [{ stream: 'OWN', name: 'own', maxDeliver: 5 }],
      },
    }),
  ],
});
const prefixOf = (name: string): string =>
  topology.accounts[0]?.users.find((one) => one.name === name)?.inboxPrefix ?? '_INBOX';

interface Client extends AsyncDisposable {
  connection: NatsConnection;
  /** What the server refused, once it has answered what came before. */
  refusals(): Promise<string[]>;
}

describe.each(await natsServers())('nats-server $version', (binary) => {
  let server: GuardedServer;
  beforeAll(async () => {
    server = await GuardedServer.start(binary, topology);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const as = async (name: string): Promise<Client> => {
    const access = natsAccess(server.deployment, name, 'host');
    const options = { signal, timeoutMs: 5_000, inboxPrefix: prefixOf(name) };
    const connection = await openConnection(access, options);
    const seen: string[] = [];
    void (async () => {
      for await (const status of connection.status())
        if (status.type === 'error') seen.push(status.error.message);
    })();
    const refusals = async () => {
      await connection.flush();
      await new Promise((resolve) => setImmediate(resolve));
      return seen;
    };
    return { connection, refusals, [Symbol.asyncDispose]: () => connection.close() };
  };

  test('everybody may do what is declared and nothing else', async () => {
    const trials = await server.trials();
    expect(wrong(trials)).toEqual([]);
    // Who only answers is tried too, without disturbing whoever really serves.
    expect(
      trials.filter(({ deed }) => deed === 'answer').map(({ user, seen }) => [user, seen]),
    ).toContainEqual(['answerer', 'allowed']);
  });

  test('publishing: with an ack, with an id, without any, and with a reply subject for each request', async () => {
    await using sender = await as('sender');
    const js = jetstream(sender.connection);
    const expected = { msgID: '1', expect: { streamName: 'ORDERS' } };
    expect((await js.publish('orders.a', 'x', expected)).duplicate).toBe(false);
    expect((await js.publish('orders.a', 'x', expected)).duplicate).toBe(true);
    expect(await (await jetstreamManager(sender.connection)).streams.find('orders.a')).toBe('ORDERS');
    sender.connection.publish('chat.x', 'not kept');
    const options = { noMux: true, timeout: 5_000 };
    const answer = await sender.connection.request('orders.b', 'y', options);
    expect(answer.json<{ stream: string }>().stream).toBe('ORDERS');
    expect(await sender.refusals()).toEqual([]);
  });

  test('working: next, fetch and consume with heartbeats, every answer, both forms of ack', async () => {
    await using sender = await as('sender');
    for (let n = 0; n < 12; n += 1) await jetstream(sender.connection).publish('orders.w', String(n));
    await using worker = await as('worker');
    await jetstreamManager(worker.connection);
    const byStream = await jetstream(worker.connection).streams.get('ORDERS');
    await byStream.getConsumer('workers');
    const workers = await jetstream(worker.connection).consumers.get('ORDERS', 'workers');
    await workers.info();
    expect(await (await workers.next({ expires: 5_000 }))?.ackAck()).toBe(true);
    const taken: JsMsg[] = [];
    const wait = { expires: 5_000, idle_heartbeat: 1_000 };
    for await (const message of await workers.fetch({ max_messages: 4, ...wait })) taken.push(message);
    expect(taken).toHaveLength(4);
    taken[0]?.nak();
    taken[1]?.term('broken');
    taken[2]?.working();
    taken[2]?.ack();
    taken[3]?.ack();
    const messages = await workers.consume({ max_messages: 3, ...wait });
    let consumed = 0;
    for await (const message of messages) {
      message.ack();
      consumed += 1;
      if (consumed === 5) break;
    }
    await messages.close();
    // In progress of messages that there are not: newer servers name domain and account in front.
    for (const where of ['', '_.', 'hub.'])
      worker.connection.publish(
        `$JS.ACK.${where === '' ? '' : `${where}a1b2c3.`}ORDERS.workers.1.1.1.1.1`,
        '+WPI',
      );
    expect(await worker.refusals()).toEqual([]);
  });

  test('serving: any number of answers, as a queue group, and found by the services framework', async () => {
    await using answerer = await as('answerer');
    answerer.connection.subscribe('users.lookup', {
      queue: 'q',
      callback: (_error, message) => {
        for (const part of ['one', 'two', 'three']) message.respond(part);
      },
    });
    for (const subject of ['$SRV.PING', '$SRV.INFO.users', '$SRV.STATS.users.id'])
      answerer.connection.subscribe(subject, { callback: (_error, message) => void message.respond('here') });
    expect(await answerer.refusals()).toEqual([]);
    await using asker = await as('asker');
    expect((await asker.connection.request('users.lookup')).string()).toBe('one');
    const plain = { noMux: true, timeout: 5_000 };
    expect((await asker.connection.request('users.lookup', '', plain)).string()).toBe('one');
    const parts: string[] = [];
    const many = { strategy: 'count' as const, maxMessages: 3, maxWait: 5_000 };
    for await (const part of await asker.connection.requestMany('users.lookup', '', many))
      parts.push(part.string());
    expect(parts).toEqual(['one', 'two', 'three']);
    for (const subject of ['$SRV.PING', '$SRV.INFO.users', '$SRV.STATS.users.id'])
      expect((await asker.connection.request(subject)).string()).toBe('here');
    expect([...(await answerer.refusals()), ...(await asker.refusals())]).toEqual([]);
  });

  test('observing: state, single messages, notices', async () => {
    await using observer = await as('observer');
    const manager = await jetstreamManager(observer.connection);
    expect((await manager.streams.info('ORDERS', { subjects_filter: '>' })).config.name).toBe('ORDERS');
    expect((await manager.streams.getMessage('ORDERS', { seq: 1 }))?.subject).toBe('orders.a');
    expect((await manager.consumers.list('ORDERS').next()).length).toBeGreaterThan(0);
    const notices = ['ADVISORY.CONSUMER.MAX_DELIVERIES.ORDERS.*', 'ADVISORY.STREAM.*.ORDERS'];
    for (const notice of [...notices, 'METRIC.CONSUMER.ACK.ORDERS.*'])
      observer.connection.subscribe(`$JS.EVENT.${notice}`, { callback: () => undefined });
    expect(await observer.refusals()).toEqual([]);
  });

  test('observing: an ordered consumer that pulls, again and again, and one that pushes', async () => {
    await using observer = await as('observer');
    const { consumers } = jetstream(observer.connection);
    const seen: number[] = [];
    for await (const message of await (await consumers.get('ORDERS')).consume()) {
      seen.push(message.seq);
      if (seen.length === 5) break;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    // Each further call deletes the consumer of the one before.
    const filtered = await consumers.get('ORDERS', { filter_subjects: 'orders.w' });
    for (const body of ['0', '1', '2'])
      expect((await filtered.next({ expires: 5_000 }))?.string()).toBe(body);
    const pushed: number[] = [];
    for await (const message of await (await consumers.getPushConsumer('ORDERS')).consume()) {
      pushed.push(message.seq);
      if (pushed.length === 5) break;
    }
    expect(pushed).toEqual(seen);
    expect(await observer.refusals()).toEqual([]);
  });

  test('observing: flow control of a consumer that pushes more than a client takes at once', async () => {
    await using sender = await as('sender');
    const big = new Uint8Array(64 * 1024);
    for (let n = 0; n < 40; n += 1) await jetstream(sender.connection).publish('orders.big', big);
    await using observer = await as('observer');
    const options = { filter_subjects: 'orders.big', deliver_policy: DeliverPolicy.All };
    const follower = await jetstream(observer.connection).consumers.getPushConsumer('ORDERS', options);
    let received = 0;
    for await (const message of await follower.consume()) {
      received += message.data.length;
      if (received === 40 * big.length) break;
    }
    expect(await observer.refusals()).toEqual([]);
  });

  test('an observer cannot reach the consumers of others by any form of the request', async () => {
    await using observer = await as('observer');
    const ask = async (subject: string, config: object) => {
      const body = JSON.stringify({ stream_name: 'ORDERS', config });
      try {
        const answer = await observer.connection.request(subject, body, { timeout: 2_000 });
        const { error, name } = answer.json<{ error?: { description: string }; name?: string }>();
        return error?.description ?? `made ${name}`;
      } catch (error) {
        return (error as Error).message;
      }
    };
    await using admin = await as('devenv');
    const look = async () => {
      const info = await admin.connection.request('$JS.API.CONSUMER.INFO.ORDERS.workers');
      return info.json<{ config: object }>().config;
    };
    const before = await look();
    const filter = { filter_subject: 'orders.x', ack_policy: 'explicit' };
    const outcomes = [
      await ask('$JS.API.CONSUMER.CREATE.ORDERS.workers', { ...filter, name: 'workers' }),
      await ask('$JS.API.CONSUMER.CREATE.ORDERS.workers.orders.x', { ...filter, durable_name: 'workers' }),
      await ask('$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.workers', { ...filter, durable_name: 'workers' }),
      await ask('$JS.API.CONSUMER.DELETE.ORDERS.workers', {}),
      await ask('$JS.API.CONSUMER.MSG.NEXT.ORDERS.workers', {}),
      await ask('$JS.API.CONSUMER.CREATE.ORDERS.other', { ...filter, durable_name: 'workers' }),
      await ask('$JS.API.CONSUMER.CREATE.ORDERS', { ...filter, durable_name: 'workers' }),
    ];
    expect(outcomes.filter((text) => text.startsWith('made'))).toEqual([]);
    expect(await look()).toEqual(before);
  });

  test('an observer of a work queue makes no consumer there', async () => {
    await using watcher = await as('queueWatcher');
    const manager = await jetstreamManager(watcher.connection);
    expect((await manager.streams.info('QUEUE')).config.name).toBe('QUEUE');
    await expect(
      manager.consumers.add('QUEUE', { name: 'x', ack_policy: AckPolicy.Explicit }),
    ).rejects.toThrow(/Permissions Violation/);
  });

  test('creating: a stream and a consumer with a filter, then publishing and working there', async () => {
    await using maker = await as('maker');
    const manager = await jetstreamManager(maker.connection);
    await manager.streams.add({ name: 'OWN', subjects: ['own.>'], max_bytes: MIB });
    const config = { durable_name: 'own', ack_policy: AckPolicy.Explicit, filter_subject: 'own.x' };
    await manager.consumers.add('OWN', { ...config, max_deliver: 5 });
    await jetstream(maker.connection).publish('own.x');
    const own = await jetstream(maker.connection).consumers.get('OWN', 'own');
    expect(await (await own.next({ expires: 5_000 }))?.ackAck()).toBe(true);
    expect(await maker.refusals()).toEqual([]);
  });

  test('a bucket: put, get and watch are publishing to its subjects and observing its stream', async () => {
    await using settings = await as('settings');
    const js = jetstream(settings.connection);
    const manager = await jetstreamManager(settings.connection);
    await js.publish('$KV.S.color', 'red');
    const last = await manager.streams.getMessage('KV_S', { last_by_subj: '$KV.S.color' });
    expect(last?.string()).toBe('red');
    const options = { filter_subjects: '$KV.S.>', deliver_policy: DeliverPolicy.LastPerSubject };
    for await (const message of await (await js.consumers.getPushConsumer('KV_S', options)).consume()) {
      expect(message.subject).toBe('$KV.S.color');
      break;
    }
    expect(await settings.refusals()).toEqual([]);
  });
});
