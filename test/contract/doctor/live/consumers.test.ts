import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import { natsServers } from '../../../helpers/nats-servers.ts';
import { consumer, someAccount, someNats, someService, stream } from '../../../helpers/topology.ts';
import { found, PASSWORD, Stand, smallTopology, until } from './stand.ts';

const servers = await natsServers();
const MIB = 1024 ** 2;

const worked = (extra: Parameters<typeof smallTopology>[0] = {}) =>
  smallTopology({
    streams: [{ ...stream('ORDERS', 'orders.>'), maxBytes: MIB }],
    consumers: [consumer('ORDERS', 'workers')],
    services: [someService('worker', { works: [{ stream: 'ORDERS', consumer: 'workers' }] })],
    ...extra,
  });

describe.each(servers)('nats-server $version: consumers', (binary) => {
  it('K09: messages that are given up are told, and those that are still tried are not', async () => {
    await using stand = await Stand.start(binary, worked({ consumers: [], services: [] }));
    const { manager, client, connection } = await stand.jetstream();
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_bytes: MIB });
    await manager.consumers.add('ORDERS', {
      durable_name: 'C',
      ack_policy: 'explicit',
      ack_wait: 200e6,
      max_deliver: 2,
    });
    for (const body of ['a', 'b', 'c']) await client.publish('orders.new', body);
    const consuming = await client.consumers.get('ORDERS', 'C');
    const deliveries = async (): Promise<number[]> => {
      const seen: number[] = [];
      for await (const message of await consuming.fetch({ max_messages: 3, expires: 1_000 })) {
        seen.push(message.seq);
        if (message.seq === 3) message.ack();
      }
      return seen;
    };
    expect(await deliveries()).toEqual([1, 2, 3]);
    await connection.flush();
    expect(await stand.findings('K09')).toEqual([]);
    expect(await deliveries()).toEqual([1, 2]);
    // The server looks for messages beyond max_deliver when somebody asks for more.
    const finding = await found(
      async () => {
        await deliveries();
        return stand.findings('K09');
      },
      ({ cause }) => cause.includes('given up 2 messages'),
    );
    expect(finding.place).toEqual({ kind: 'object', object: 'consumer ORDERS/C' });
  });

  it('K03: as many unacked messages as may be', async () => {
    await using stand = await Stand.start(binary, worked({ consumers: [], services: [] }));
    const { manager, client } = await stand.jetstream();
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_bytes: MIB });
    await manager.consumers.add('ORDERS', { durable_name: 'C', ack_policy: 'explicit', max_ack_pending: 2 });
    for (const body of ['a', 'b', 'c']) await client.publish('orders.new', body);
    const consuming = await client.consumers.get('ORDERS', 'C');
    await consuming.next({ expires: 1_000 });
    expect(await stand.findings('K03')).toEqual([]);
    await consuming.next({ expires: 1_000 });
    expect(await stand.findings('K03')).toMatchObject([
      {
        cause: expect.stringContaining('2 unacked messages, as many as max_ack_pending allows; 1 more waits'),
      },
    ]);
  });

  it('K04 and S10: a consumer, then its stream, is deleted under its worker', async () => {
    await using stand = await Stand.start(binary, worked());
    const { manager } = await stand.jetstream();
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_bytes: MIB });
    await manager.consumers.add('ORDERS', { durable_name: 'workers', ack_policy: 'explicit' });
    expect(await stand.findings('K04', 'S10')).toEqual([]);
    await manager.consumers.delete('ORDERS', 'workers');
    expect(await stand.findings('K04', 'S10')).toMatchObject([
      { rule: 'K04', cause: expect.stringContaining('worker works ORDERS/workers') },
    ]);
    await manager.streams.delete('ORDERS');
    expect(await stand.findings('K04', 'S10')).toMatchObject([{ rule: 'S10', symptom: 'stream not found' }]);
  });

  it('S08: an update of the stream leaves a filter without subjects', async () => {
    await using stand = await Stand.start(binary, worked({ consumers: [], services: [] }));
    const { manager } = await stand.jetstream();
    const subjects = ['orders.new', 'orders.paid'];
    const { config } = await manager.streams.add({ name: 'ORDERS', subjects, max_bytes: MIB });
    await manager.consumers.add('ORDERS', {
      durable_name: 'C',
      ack_policy: 'explicit',
      filter_subject: 'orders.paid',
    });
    expect(await stand.findings('S08')).toEqual([]);
    await manager.streams.update('ORDERS', { ...config, subjects: ['orders.new'] });
    expect(await stand.findings('S08')).toMatchObject([{ severity: 'error' }]);
  });

  it('R09: a full stream refuses with 10077, another one drops what nobody has read', async () => {
    await using stand = await Stand.start(binary, smallTopology());
    const { manager, client } = await stand.jetstream();
    await manager.streams.add({
      name: 'NEW',
      subjects: ['new.>'],
      max_msgs: 2,
      discard: 'new',
      max_bytes: MIB,
    });
    await manager.streams.add({
      name: 'OLD',
      subjects: ['old.>'],
      max_msgs: 2,
      discard: 'old',
      max_bytes: MIB,
    });
    await manager.consumers.add('OLD', { durable_name: 'C', ack_policy: 'explicit' });
    await client.publish('new.x', 'a');
    await client.publish('old.x', 'a');
    expect(await stand.findings('R09')).toEqual([]);
    await client.publish('new.x', 'b');
    await expect(client.publish('new.x', 'c')).rejects.toMatchObject({ code: 10077 });
    for (const body of ['b', 'c', 'd']) await client.publish('old.x', body);
    // Made now, it has missed nothing that it was there for.
    await manager.consumers.add('OLD', { durable_name: 'LATE', ack_policy: 'explicit' });
    const findings = await stand.findings('R09');
    expect(findings.map(({ cause }) => cause)).toEqual([
      'NEW holds all of the 2 messages that max_msgs allows and refuses more (discard: new).',
      'OLD begins at 3, and C has got messages up to 0: 2 messages in between were removed before anybody read them.',
    ]);
  });

  it('K12: a client that does not read is cut off and named', async () => {
    await using stand = await Stand.start(
      binary,
      smallTopology({ nats: { ...someNats, maxPending: 2 * MIB } }),
    );
    const publisher = await stand.client();
    expect(await stand.findings('K12')).toEqual([]);
    const sleeper = createConnection({ host: '127.0.0.1', port: stand.deployment.ports.nats! });
    try {
      sleeper.on('error', () => undefined);
      const greeted = new Promise((done) => sleeper.once('data', done));
      await greeted;
      const login = JSON.stringify({
        verbose: false,
        pedantic: false,
        user: 'devenv',
        pass: PASSWORD,
        name: 'sleeper',
        lang: 'raw',
        version: '1',
      });
      const pong = new Promise((done) => sleeper.once('data', done));
      sleeper.write(`CONNECT ${login}\r\nSUB flood 1\r\nPING\r\n`);
      await pong;
      sleeper.pause();
      const half = new Uint8Array(MIB / 2);
      const finding = await found(
        async () => {
          for (let sent = 0; sent < 20; sent += 1) publisher.publish('flood', half);
          await publisher.flush();
          return stand.findings('K12');
        },
        ({ cause }) => cause.includes('"sleeper"'),
      );
      expect(finding.cause).toMatch(/closed 1 connection of client "sleeper" \(user devenv\): Slow Consumer/);
      expect(finding.symptom).toContain('Slow Consumer Detected');
    } finally {
      sleeper.destroy();
    }
  });
});

describe.each(servers)('nats-server $version: access', (binary) => {
  const topology = worked({
    accounts: [someAccount('APP')],
    streams: [{ ...stream('ORDERS', 'orders.>'), account: 'APP', maxBytes: MIB }],
    consumers: [{ ...consumer('ORDERS', 'workers', { ackWait: 300, maxDeliver: -1 }), account: 'APP' }],
    services: [someService('worker', { account: 'APP', works: [{ stream: 'ORDERS', consumer: 'workers' }] })],
  });

  it('A05: an ack that is denied is told with user and consumer, and the message comes again', async () => {
    // As the template of many a project has it: everything that a worker needs but $JS.ACK.
    await using stand = await Stand.start(binary, topology, {
      changed: (conf) => conf.replaceAll(/"\$JS\.ACK\.[^"]*"/g, '"unused.subject"'),
    });
    const { manager, client } = await stand.jetstream();
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_bytes: MIB });
    await manager.consumers.add('ORDERS', {
      durable_name: 'workers',
      ack_policy: 'explicit',
      ack_wait: 300e6,
    });
    await client.publish('orders.new', 'a');
    const worker = await stand.jetstream('worker', 'worker');
    const consuming = await worker.client.consumers.get('ORDERS', 'workers');
    expect(await stand.findings('A05')).toEqual([]);
    const first = await consuming.next({ expires: 1_000 });
    first!.ack();
    const again = await until(async () => {
      const message = await consuming.next({ expires: 1_000 });
      if (message === null) throw new Error('nothing came');
      return message;
    });
    expect(again.info.deliveryCount).toBe(2);
    const finding = await found(
      () => stand.findings('A05'),
      ({ rule }) => rule === 'A05',
    );
    expect(finding).toMatchObject({
      place: { object: 'user worker' },
      cause: expect.stringContaining('of worker on ORDERS/workers'),
    });
  });

  it('A05: with the permissions that devenv derives nothing is denied', async () => {
    await using stand = await Stand.start(binary, topology);
    const { manager, client } = await stand.jetstream();
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_bytes: MIB });
    await manager.consumers.add('ORDERS', {
      durable_name: 'workers',
      ack_policy: 'explicit',
      ack_wait: 300e6,
    });
    await client.publish('orders.new', 'a');
    const worker = await stand.jetstream('worker', 'worker');
    const message = await (await worker.client.consumers.get('ORDERS', 'workers')).next({ expires: 1_000 });
    expect(await message!.ackAck()).toBe(true);
    expect(await stand.findings('A05', 'A01')).toEqual([]);
  });

  it('A02 and A04: an inbox of one word, and a subject of somebody else', async () => {
    await using stand = await Stand.start(binary, topology, {
      changed: (conf) => conf.replaceAll('"_INBOX.>"', '"_INBOX.*"'),
    });
    await stand.client();
    const worker = await stand.client('worker', { name: 'worker' });
    expect(await stand.findings('A02', 'A04')).toEqual([]);
    await expect(worker.request('$JS.API.INFO', '', { timeout: 1_000 })).rejects.toThrow();
    worker.publish('orders.new', 'a');
    await worker.flush();
    await until(async () => {
      const findings = await stand.findings('A02', 'A04');
      expect(findings.map(({ rule, symptom }) => [rule, symptom])).toEqual([
        ['A02', expect.stringMatching(/^Permissions Violation for Subscription to "_INBOX\.[^"]+\.\*"$/)],
        ['A04', 'Permissions Violation for Publish to "orders.new"'],
      ]);
    });
  });

  it('A01: an old password of a client, then other credentials of devenv', async () => {
    await using stand = await Stand.start(binary, topology);
    await stand.client();
    expect(await stand.findings('A01')).toEqual([]);
    const { connect } = await import('@nats-io/transport-node');
    const wrong = {
      port: stand.deployment.ports.nats!,
      user: 'worker',
      pass: 'old',
      name: 'batch',
      reconnect: false,
    };
    await expect(connect(wrong)).rejects.toThrow('Authorization Violation');
    const finding = await found(
      () => stand.findings('A01'),
      ({ rule }) => rule === 'A01',
    );
    expect(finding).toMatchObject({
      severity: 'warning',
      cause: expect.stringContaining('refused 1 log-in as worker'),
    });
    const secrets = stand.deployment.secrets.nats as Record<string, unknown>;
    secrets.worker = { kind: 'password', password: 'rotated' };
    expect(await stand.findings('A01')).toMatchObject([
      {
        severity: 'error',
        cause: expect.stringContaining('refuse the credentials that devenv has for user worker'),
      },
    ]);
  });
});
