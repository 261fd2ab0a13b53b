import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { natsServers } from '../../../helpers/nats-servers.ts';
import { createConsumer, createStream, nanos, type RawServer, startRawServer } from './raw-jetstream.ts';

const servers = await natsServers();
/** The users of a conf as they stand there, beside one who may do everything. */
const withAdmin = (users: string) => `authorization { users: [ { user: admin, password: "s" }, ${users} ] }`;

const GHOST =
  '{ user: shop, password: "s", permissions: { publish: ["orders.>", "$JS.API.>"], subscribe: ["catalog.>"] } }';
const WORKER = (publish: string) =>
  `{ user: worker, password: "s", permissions: { publish: ${publish}, subscribe: ["_INBOX.>"] } }`;
const ROLE = '["$JS.API.CONSUMER.INFO.ORDERS.billing", "$JS.API.CONSUMER.MSG.NEXT.ORDERS.billing"';

describe.each(servers)('nats-server $version', (binary) => {
  let server: RawServer | undefined;
  let admin: NatsConnection;
  async function start(users: string): Promise<RawServer> {
    server = await startRawServer(binary, withAdmin(users));
    admin = await server.connect({ user: 'admin', pass: 's' });
    await createStream(admin, 'ORDERS', 'orders.>');
    return server;
  }
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  });
  const stored = async () => (await (await jetstreamManager(admin)).streams.info('ORDERS')).state.messages;

  it('A03: the publish fails and is stored; again it is stored twice, with a message id once', async () => {
    const shop = await (await start(GHOST)).connect({ user: 'shop', pass: 's' });
    const publish = (options: { msgID?: string } = {}) =>
      jetstream(shop).publish('orders.created', 'x', { timeout: 500, ...options });
    await expect(publish()).rejects.toThrow(/permissions|timeout/i);
    expect(await stored()).toBe(1);
    await expect(publish()).rejects.toThrow();
    expect(await stored()).toBe(2);
    await expect(publish({ msgID: '1' })).rejects.toThrow();
    await expect(publish({ msgID: '1' })).rejects.toThrow();
    expect(await stored()).toBe(3);
  });

  it('A03: with its inbox the publish is answered', async () => {
    const near = '{ user: shop, password: "s", permissions: { publish: "orders.>", subscribe: "_INBOX.>" } }';
    const shop = await (await start(near)).connect({ user: 'shop', pass: 's' });
    expect(await jetstream(shop).publish('orders.created', 'x')).toMatchObject({ stream: 'ORDERS', seq: 1 });
  });

  it('A06: a prefix of its own helps only the client that was told', async () => {
    const own =
      '{ user: shop, password: "s", permissions: { publish: "orders.>", subscribe: "_INBOX_shop.>" } }';
    const running = await start(own);
    const login = { user: 'shop', pass: 's' };
    const untold = await running.connect(login);
    await expect(jetstream(untold).publish('orders.created', 'x', { timeout: 500 })).rejects.toThrow();
    const told = await running.connect({ ...login, inboxPrefix: '_INBOX_shop' });
    expect(await jetstream(told).publish('orders.created', 'x')).toMatchObject({ stream: 'ORDERS' });
  });

  describe('A04', () => {
    const work = async (publish: string) => {
      const running = await start(WORKER(publish));
      await createConsumer(admin, 'ORDERS', { durable_name: 'billing', ack_wait: nanos(300) });
      await jetstream(admin).publish('orders.created', 'x');
      return running.connect({ user: 'worker', pass: 's' });
    };
    const next = async (worker: NatsConnection) =>
      (await jetstream(worker, { timeout: 500 }).consumers.get('ORDERS', 'billing')).next({ expires: 1_000 });

    it('a worker without $JS.API gets nothing', async () => {
      const worker = await work('["billing.>"]');
      await expect(next(worker)).rejects.toThrow(
        /permissions violation for publish to "\$JS\.API\.|timeout/i,
      );
    });

    it('one that may pull and not ack gets the message again and again', async () => {
      const worker = await work(`${ROLE}]`);
      for (const count of [1, 2, 3]) {
        const message = await next(worker);
        expect(message?.info.deliveryCount).toBe(count);
        message?.ack();
      }
    });

    it('one with just its role works', async () => {
      const worker = await work(`${ROLE}, "$JS.ACK.ORDERS.billing.>", "$JS.ACK.*.*.ORDERS.billing.>"]`);
      const message = await next(worker);
      expect(await message?.ackAck()).toBe(true);
      expect(await next(worker)).toBeNull();
    });

    it('the older form of the ack suffices on this server', async () => {
      const worker = await work(`${ROLE}, "$JS.ACK.ORDERS.billing.>"]`);
      expect(await (await next(worker))?.ackAck()).toBe(true);
    });
  });
});
