import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as busyFor } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { k05HeartbeatAgainstExpires } from '../../../../src/doctor/rules/consumers/k05-heartbeat-against-expires.ts';
import { k08BackoffAgainstMaxDeliver } from '../../../../src/doctor/rules/consumers/k08-backoff-against-max-deliver.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { casesOf, factsOfCase } from '../../../helpers/doctor-fixtures.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { natsServers } from '../../../helpers/nats-servers.ts';
import { ask, createConsumer, createStream, nanos, type RawServer, startRawServer } from './raw-jetstream.ts';

const servers = await natsServers();
const backoffCases = await casesOf('K08');
const heartbeatCases = await casesOf('K05');

describe.each(servers)('nats-server $version', (binary) => {
  let server: RawServer;
  let nc: NatsConnection;
  beforeEach(async () => {
    server = await startRawServer(binary);
    nc = await server.connect();
    await createStream(nc, 'ORDERS', 'orders.>');
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const store = (subject: string, body = '') => jetstream(nc).publish(subject, body);
  const info = async (name: string) => (await jetstreamManager(nc)).consumers.info('ORDERS', name);
  /** One pull request; how often each of its messages had been delivered by then. */
  async function pull(name: string, request: { max_messages: number; expires: number }) {
    const deliveries: number[] = [];
    const consumer = await jetstream(nc).consumers.get('ORDERS', name);
    for await (const message of await consumer.fetch(request)) {
      deliveries.push(message.info.deliveryCount);
      message.ack();
    }
    return deliveries;
  }
  /** A program that handles one message after another, beside another one that asks for messages meanwhile. */
  async function workTwice(name: string, batch: number, handlerTime: number) {
    const consumer = await jetstream(nc).consumers.get('ORDERS', name);
    let other: Promise<number[]> | undefined;
    for await (const message of await consumer.fetch({ max_messages: batch, expires: 2_000 })) {
      other ??= pull(name, { max_messages: batch, expires: 1_500 });
      await busyFor(handlerTime);
      message.ack();
    }
    return other;
  }

  it.each(backoffCases.map((folder) => ({ name: basename(folder), folder })))(
    'K08 $name: the server and the rule agree',
    async ({ folder }) => {
      const { facts } = await factsOfCase(folder);
      const findings = runStatic(
        { ...facts, natsVersion: binary.version },
        { rules: [k08BackoffAgainstMaxDeliver] },
      );
      const { name, maxDeliver, backoff } = facts.project!.topology.consumers[0]!;
      const { refusal } = await createConsumer(nc, 'ORDERS', {
        durable_name: name,
        max_deliver: maxDeliver,
        backoff: backoff.map(nanos),
      });
      expect(findings.length > 0, JSON.stringify(refusal)).toBe(refusal !== null);
      if (refusal === null) return;
      expect(refusal.code).toBe(10116);
      expect(findings[0]!.symptom).toContain(refusal.text);
    },
  );

  const manifests = heartbeatCases.filter(
    (folder) => basename(folder) !== 'bad-heartbeat-in-a-controller-resource',
  );
  it.each(manifests.map((folder) => ({ name: basename(folder), folder })))(
    'K05 $name: the server and the rule agree',
    async ({ folder }) => {
      const { facts } = await factsOfCase(folder);
      const findings = runStatic(facts, { rules: [k05HeartbeatAgainstExpires] });
      if (facts.manifests.length > 0) {
        const [file] = await readdir(join(folder, 'manifests'));
        const config = JSON.parse(await readFile(join(folder, 'manifests', file!), 'utf8'));
        const { refusal } = await createConsumer(nc, 'ORDERS', config);
        expect(refusal?.code ?? 0).toBe(findings.length > 0 ? 10088 : 0);
        if (refusal !== null) expect(findings[0]!.symptom).toContain(refusal.text);
        return;
      }
      await createConsumer(nc, 'ORDERS', { durable_name: 'billing' });
      const { expires, idleHeartbeat } = facts.project!.topology.services[0]!.works[0]!;
      const answers = nc.subscribe('answers');
      nc.publish(
        '$JS.API.CONSUMER.MSG.NEXT.ORDERS.billing',
        JSON.stringify({ batch: 1, expires: nanos(expires!), idle_heartbeat: nanos(idleHeartbeat!) }),
        { reply: 'answers' },
      );
      // Whatever is refused is refused before the message that is published next can be delivered.
      await nc.flush();
      await store('orders.created', 'one');
      const { value: answer } = await answers[Symbol.asyncIterator]().next();
      const said = `${answer!.headers?.code} ${answer!.headers?.description}`;
      if (findings.length === 0) expect(answer!.string()).toBe('one');
      else expect(findings[0]!.symptom).toBe(said);
    },
  );

  it('K05: a heartbeat that says not to expire is refused too', async () => {
    await createConsumer(nc, 'ORDERS', { durable_name: 'billing' });
    const answer = await nc.request(
      '$JS.API.CONSUMER.MSG.NEXT.ORDERS.billing',
      JSON.stringify({ batch: 1, idle_heartbeat: nanos(1_000) }),
    );
    expect(`${answer.headers?.code} ${answer.headers?.description}`).toBe(
      k05HeartbeatAgainstExpires.symptoms[0],
    );
  });

  it.each([
    { bad: true, ackWait: 300, backoff: [] },
    { bad: true, ackWait: 30_000, backoff: [300, 5_000] },
    { bad: false, ackWait: 30_000, backoff: [] },
  ])(
    'K01: with ack_wait $ackWait ms, backoff $backoff and 700 ms of work, repeated: $bad',
    async ({ bad, ackWait, backoff }) => {
      await createConsumer(nc, 'ORDERS', {
        durable_name: 'billing',
        ack_wait: nanos(ackWait),
        max_deliver: 5,
        ...(backoff.length > 0 && { backoff: backoff.map(nanos) }),
      });
      await store('orders.created');
      expect(await workTwice('billing', 1, 700)).toEqual(bad ? [2] : []);
    },
  );

  it.each([
    { bad: true, prefetch: 5 },
    { bad: false, prefetch: 2 },
  ])('K02: batches of $prefetch, 200 ms each, ack_wait 500 ms, repeated: $bad', async ({ bad, prefetch }) => {
    await createConsumer(nc, 'ORDERS', { durable_name: 'billing', ack_wait: nanos(500) });
    for (let at = 0; at < prefetch; at += 1) await store('orders.created');
    const again = (await workTwice('billing', prefetch, 200)) ?? [];
    expect(again.length > 0).toBe(bad);
    for (const count of again) expect(count).toBeGreaterThan(1);
  });

  it('K06: the durable with an inactive_threshold goes, the one without stays', async () => {
    await createConsumer(nc, 'ORDERS', { durable_name: 'bad', inactive_threshold: nanos(300) });
    await createConsumer(nc, 'ORDERS', { durable_name: 'near' });
    await eventually(async () => {
      const { refusal } = await ask(nc, 'CONSUMER.INFO.ORDERS.bad');
      expect(refusal).toEqual({ code: 10014, text: 'consumer not found' });
    });
    expect((await ask(nc, 'CONSUMER.INFO.ORDERS.near')).refusal).toBeNull();
  });

  it('K07: new leaves out what was there, all does not', async () => {
    await store('orders.created');
    await createConsumer(nc, 'ORDERS', { durable_name: 'bad', deliver_policy: 'new' });
    await createConsumer(nc, 'ORDERS', { durable_name: 'near', deliver_policy: 'all' });
    expect((await info('bad')).num_pending).toBe(0);
    expect((await info('near')).num_pending).toBe(1);
  });

  it('K09: a given-up message is in the stream, neither pending nor unacked', async () => {
    await createConsumer(nc, 'ORDERS', { durable_name: 'bad', max_deliver: 1, ack_wait: nanos(200) });
    await createConsumer(nc, 'ORDERS', { durable_name: 'near', max_deliver: -1, ack_wait: nanos(200) });
    await store('orders.created');
    const take = async (name: string) => {
      const message = await (await jetstream(nc).consumers.get('ORDERS', name)).next({ expires: 1_000 });
      return message?.info.deliveryCount;
    };
    expect(await take('bad')).toBe(1);
    expect(await take('near')).toBe(1);
    expect(await take('near')).toBe(2);
    expect(await take('bad')).toBeUndefined();
    await eventually(async () => {
      expect(await info('bad')).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
    });
    const { state } = await (await jetstreamManager(nc)).streams.info('ORDERS');
    expect(state.messages).toBe(1);
  });

  it('K14: a publish that no stream captures succeeds on core NATS, and JetStream tells', async () => {
    nc.publish('dead.orders', 'gone');
    await nc.flush();
    await expect(store('dead.orders', 'gone')).rejects.toThrow(/jetstream is not enabled|no responders/);
    const { state } = await (await jetstreamManager(nc)).streams.info('ORDERS');
    expect(state.messages).toBe(0);
  });

  it('K10: what is sent while disconnected is dropped, what is sent again with its id is stored once', async () => {
    await ask(nc, 'STREAM.CREATE.KEPT', { name: 'KEPT', subjects: ['kept.>'], storage: 'file' });
    const client = await server.connect({ maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    await server.stop();
    const lost = jetstream(client).publish('kept.1', 'x', { msgID: '1', timeout: 500 });
    await expect(lost).rejects.toThrow();
    await server.restart();
    await eventually(async () => {
      await jetstream(client).publish('kept.2', 'y', { msgID: '2', timeout: 500 });
    });
    const manager = await jetstreamManager(client);
    const before = await manager.streams.info('KEPT', { subjects_filter: '>' });
    expect(before.state.subjects).toEqual({ 'kept.2': 1 });
    for (let times = 0; times < 2; times += 1) await jetstream(client).publish('kept.1', 'x', { msgID: '1' });
    expect((await manager.streams.info('KEPT')).state.messages).toBe(2);
  });

  it('K11: a client with a limit closes for good, one without comes back', async () => {
    const limited = await server.connect({ maxReconnectAttempts: 2, reconnectTimeWait: 50 });
    const endless = await server.connect({ maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    await server.stop();
    await limited.closed();
    expect(() => limited.publish('orders.created')).toThrow(/closed connection/);
    await server.restart();
    await eventually(() => endless.flush());
    expect(endless.isClosed()).toBe(false);
  });
});
