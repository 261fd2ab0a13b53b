import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectNats, type NatsClient } from '../../../src/adapters/nats.ts';
import type { Consumer } from '../../../src/topology/model.ts';
import { natsServers } from '../../helpers/nats-servers.ts';
import { consumer as someConsumer, stream } from '../../helpers/topology.ts';
import { startServer, type TestServer } from './server.ts';

const MIB = 1024 ** 2;
const signal = new AbortController().signal;
const consumer = (parts: Partial<Consumer> = {}): Consumer => someConsumer('MESSAGES', 'workers', parts);

/** A server does not tell which account it was asked in. */
const ofServer = <T extends { account: string }>({ account: _, ...rest }: T) => rest;

const messages = { ...stream('MESSAGES', 'messages.ingest.>'), maxBytes: 8 * MIB, maxAge: 3_600_000 };
const servers = (await natsServers()).filter(({ version }) => !version.startsWith('2.9.'));

describe.each(servers)('nats-server $version', (binary) => {
  let server: TestServer;
  let client: NatsClient;
  beforeAll(async () => {
    server = await startServer(binary);
    client = await connectNats(server.access, { signal, timeoutMs: 20_000 });
    await client.createStream(messages);
  });
  afterAll(async () => {
    await client?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test('tells the version and the usage against the limits that hold', async () => {
    expect(client.serverVersion).toBe(binary.version);
    const server = { maxMemoryStore: 16 * MIB, maxFileStore: 64 * MIB };
    expect(await client.jetstreamUsage(server)).toMatchObject({
      file: { reserved: 8 * MIB, limit: 64 * MIB },
      memory: { used: 0, limit: 16 * MIB },
    });
  });

  test('a stream comes back in the units of the model', async () => {
    expect(await client.getStream('MESSAGES')).toMatchObject({
      ...ofServer(messages),
      messages: 0,
      oldestAgeMs: 0,
    });
    expect(await client.getStream('NOBODY')).toBeNull();
    expect(await client.getConsumer('MESSAGES', 'nobody')).toBeNull();
  });

  test.each([
    consumer(),
    consumer({ filterSubjects: ['messages.ingest.Order'], deliverPolicy: 'new' }),
    consumer({ filterSubjects: ['messages.ingest.a', 'messages.ingest.b'], maxDeliver: -1 }),
    consumer({ backoff: [250, 1000], ackWait: 250 }),
  ])('a consumer comes back as it was declared: %j', async (declared) => {
    await client.createConsumer(declared);
    expect(await client.listConsumers('MESSAGES')).toEqual([
      expect.objectContaining({
        ...ofServer(declared),
        delivery: 'pull',
        ackPolicy: 'explicit',
        durable: true,
      }),
    ]);
    await client.deleteConsumer('MESSAGES', 'workers');
  });

  test('filters change from one to many to none', async () => {
    await client.createConsumer(consumer({ filterSubjects: ['messages.ingest.a'] }));
    for (const filterSubjects of [['messages.ingest.a', 'messages.ingest.b'], [], ['messages.ingest.c']]) {
      const live = await client.updateConsumer(consumer({ filterSubjects }));
      expect(live.filterSubjects).toEqual(filterSubjects);
    }
    await client.deleteConsumer('MESSAGES', 'workers');
  });

  test('publishes once per message id, finds, and deletes by sequence', async () => {
    const first = await client.publish('messages.ingest.Order', 'one', {
      messageId: 'a',
      headers: { 'X-Test': 'ü' },
    });
    expect(await client.publish('messages.ingest.Order', 'two', { messageId: 'a' })).toEqual({
      ...first,
      duplicate: true,
    });
    const found = await client.getMessage('MESSAGES', { fromSeq: 1, subject: 'messages.ingest.Order' });
    expect(found).toMatchObject({ seq: first.seq, text: 'one', headers: { 'Nats-Msg-Id': 'a' } });
    expect(await client.getMessage('MESSAGES', { lastBySubject: 'messages.ingest.Order' })).toEqual(found);
    await client.deleteMessage('MESSAGES', first.seq);
    expect(await client.getMessage('MESSAGES', { seq: first.seq })).toBeNull();
  });

  test.each([
    [
      'a subject that no stream captures',
      () => client.publish('nowhere', 'x'),
      'NATS_FAILED',
      /no stream captures the subject nowhere/,
    ],
    [
      'another stream than expected',
      () => client.publish('messages.ingest.x', 'x', { expectStream: 'OTHER' }),
      'NATS_FAILED',
      /10060/,
    ],
    [
      'more storage than there is',
      () => client.createStream({ ...stream('BIG', 'big'), maxBytes: 60 * MIB }),
      'BUDGET_EXCEEDED',
      /max_bytes is reserved .*10047/,
    ],
    [
      'overlapping subjects',
      () => client.createStream({ ...stream('ALL', 'messages.>'), maxBytes: MIB }),
      'SUBJECTS_OVERLAP',
      /10065/,
    ],
    [
      'a name that is in use',
      () => client.createStream({ ...messages, subjects: ['other'] }),
      'TOPOLOGY_CONFLICT',
      /different configuration.*10058/,
    ],
    [
      'another storage',
      () => client.updateStream({ ...messages, storage: 'memory' }),
      'TOPOLOGY_CONFLICT',
      /10052/,
    ],
    [
      'a consumer of no stream',
      () => client.createConsumer(consumer({ stream: 'NOBODY' })),
      'NATS_FAILED',
      /10059/,
    ],
  ])('%s is explained', async (_what, attempt, code, message) => {
    await expect(attempt()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });

  test('an aborted signal ends what is under way with its reason', async () => {
    const stop = new AbortController();
    const other = await connectNats(server.access, { signal: stop.signal, timeoutMs: 5_000 });
    const listing = other.listStreams();
    stop.abort(new Error('enough'));
    await expect(listing).rejects.toThrow('enough');
    await expect(other.listStreams()).rejects.toThrow('enough');
    await other.close();
  });
});
