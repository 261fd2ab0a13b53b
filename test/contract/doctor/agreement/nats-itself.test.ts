import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAtLeast } from '../../../../src/doctor/nats-conf/versions.ts';
import { NESTED_FIELDS, STREAM_FIELDS } from '../../../../src/doctor/rules/streams/api-fields.ts';
import { s06RequestCaptured } from '../../../../src/doctor/rules/streams/s06-request-captured.ts';
import { s12CapturesNatsItself } from '../../../../src/doctor/rules/streams/s12-captures-nats-itself.ts';
import { s16UnknownApiField } from '../../../../src/doctor/rules/streams/s16-unknown-api-field.ts';
import { s17NameWithDot } from '../../../../src/doctor/rules/streams/s17-name-with-dot.ts';
import { reservedFor } from '../../../../src/topology/subjects.ts';
import { natsServers } from '../../../helpers/nats-servers.ts';
import { ask, createStream, type RawServer, startRawServer } from './raw-jetstream.ts';

describe.each(await natsServers())('nats-server $version', ({ version, ...binary }) => {
  let server: RawServer;
  let nc: NatsConnection;
  beforeEach(async () => {
    server = await startRawServer({ version, ...binary });
    nc = await server.connect();
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('S12: whatever a server refuses is reserved to the rule, and it lets what is not be captured', async () => {
    const subjects = [
      ...[
        '$JS.API.>',
        '$JS.>',
        '>',
        '$SYS.>',
        '$SYS.REQ.>',
        '_INBOX.>',
        '*.x',
        '$JSC.>',
        '$NRG.>',
        '$JS.ACK.>',
      ],
      ...[
        '*.API.INFO',
        '*.*.INFO',
        '*',
        '$JS.EVENT.>',
        '$SYS.ACCOUNT.>',
        '$KV.settings.>',
        'JS.>',
        'orders.>',
      ],
    ];
    const refused: string[] = [];
    for (const subject of subjects) {
      const { refusal } = await createStream(nc, 'TRY', subject);
      if (refusal !== null) {
        refused.push(subject);
        expect({ subject, code: refusal.code }).toEqual({ subject, code: 10052 });
        expect(s12CapturesNatsItself.symptoms).toContain(refusal.text);
        expect({ subject, reserved: reservedFor(subject) !== undefined }).toEqual({
          subject,
          reserved: true,
        });
      }
      await ask(nc, 'STREAM.DELETE.TRY');
    }
    const least = isAtLeast(version, '2.10') ? ['$JS.API.>', '$JS.>', '>', '$SYS.>'] : ['$JS.API.>'];
    expect(refused).toEqual(expect.arrayContaining(least));
    // What no server refuses, and breaks every request nevertheless.
    expect(refused).not.toContain('_INBOX.>');
    const { refusal } = await ask(nc, 'STREAM.CREATE.ALL', { name: 'ALL', subjects: ['>'], no_ack: true });
    expect(refusal).toBeNull();
  });

  it('S06: the acknowledgement of a stream is the reply to a request', async () => {
    await createStream(nc, 'ORDERS', 'orders.>');
    const reply = (await nc.request('orders.get', '')).string();
    expect(s06RequestCaptured.matches?.some((each) => each.test(reply))).toBe(true);
    expect(s06RequestCaptured.symptoms).toContain(reply);
  });

  it('S04: what no stream captures has no responders', async () => {
    await createStream(nc, 'ORDERS', 'orders.>');
    await expect(nc.request('payments.created', '')).rejects.toThrow("no responders: 'payments.created'");
  });

  it('S05: with a subscriber it is a timeout', async () => {
    nc.subscribe('payments.created');
    await expect(nc.request('payments.created', '', { timeout: 300 })).rejects.toThrow('timeout');
  });

  it('S07: a disjoint filter delivers nothing, or is refused by 2.9', async () => {
    await createStream(nc, 'ORDERS', 'orders.>');
    const { refusal } = await ask(nc, 'CONSUMER.DURABLE.CREATE.ORDERS.billing', {
      stream_name: 'ORDERS',
      config: { durable_name: 'billing', ack_policy: 'explicit', filter_subject: 'order.paid' },
    });
    if (!isAtLeast(version, '2.10')) return expect(refusal?.code).toBe(10093);
    expect(refusal).toBeNull();
    await nc.request('orders.paid', '');
    const { answer } = await ask(nc, 'CONSUMER.INFO.ORDERS.billing');
    expect(answer).toMatchObject({ num_pending: 0, delivered: { consumer_seq: 0 } });
  });

  it('S14: an interest stream without a consumer acknowledges and keeps nothing', async () => {
    await ask(nc, 'STREAM.CREATE.ORDERS', { name: 'ORDERS', subjects: ['orders.>'], retention: 'interest' });
    expect((await nc.request('orders.paid', '')).json()).toEqual({ stream: 'ORDERS', seq: 1 });
    const { answer } = await ask(nc, 'STREAM.INFO.ORDERS');
    expect(answer).toMatchObject({ state: { messages: 0, last_seq: 1 } });
  });

  it('S03: an update drops subjects without a word, and what was stored stays', async () => {
    await createStream(nc, 'ORDERS', 'orders.created', 'orders.paid');
    await nc.request('orders.paid', '');
    const { refusal, answer } = await ask(nc, 'STREAM.UPDATE.ORDERS', {
      name: 'ORDERS',
      subjects: ['orders.created'],
      storage: 'memory',
    });
    expect(refusal).toBeNull();
    expect(answer).toMatchObject({ state: { messages: 1 } });
    await expect(nc.request('orders.paid', '')).rejects.toThrow('no responders');
  });

  it('R10: a message larger than the stream is acknowledged and dropped, or refused', async () => {
    const stream = { storage: 'file', max_bytes: 1_000 };
    await ask(nc, 'STREAM.CREATE.OLD', { ...stream, name: 'OLD', subjects: ['old'], discard: 'old' });
    await ask(nc, 'STREAM.CREATE.NEW', { ...stream, name: 'NEW', subjects: ['new'], discard: 'new' });
    expect((await nc.request('old', 'x'.repeat(2_000))).json()).toEqual({ stream: 'OLD', seq: 1 });
    expect((await ask(nc, 'STREAM.INFO.OLD')).answer).toMatchObject({ state: { messages: 0 } });
    expect((await nc.request('new', 'x'.repeat(2_000))).string()).toContain('maximum bytes exceeded');
  });

  it('S17: a name with a dot is a timeout, a name with a slash is refused', async () => {
    const body = JSON.stringify({ name: 'shop.orders', subjects: ['orders.>'] });
    await expect(nc.request('$JS.API.STREAM.CREATE.shop.orders', body, { timeout: 300 })).rejects.toThrow(
      'timeout',
    );
    const { refusal } = await ask(nc, 'STREAM.CREATE.a/b', { name: 'a/b', subjects: ['orders.>'] });
    expect(s17NameWithDot.codes).toContain(refusal?.code);
    expect(s17NameWithDot.symptoms).toContain(refusal?.text);
  });

  it('S16: strict servers refuse unknown fields, and no server refuses one of the table that it is old enough for', async () => {
    const body = (field: string) => `{"${field}": null, "subjects": 5}`;
    const unknown = async (field: string) =>
      (await ask(nc, 'STREAM.CREATE.TRY', body(field))).refusal?.text.includes('unknown field') === true;
    const strict = isAtLeast(version, '2.12');
    expect(await unknown('max_byte')).toBe(strict);
    for (const [field, since] of Object.entries(STREAM_FIELDS))
      expect({ field, unknown: await unknown(field) }).toEqual({
        field,
        unknown: strict && !isAtLeast(version, since),
      });
    for (const [field, inner] of Object.entries(NESTED_FIELDS))
      for (const key of inner) {
        const part = field === 'sources' ? `[{"${key}": null}]` : `{"${key}": null}`;
        const { refusal } = await ask(nc, 'STREAM.CREATE.TRY', `{"${field}": ${part}, "subjects": 5}`);
        expect({ key, unknown: refusal?.text.includes('unknown field') }).toEqual({ key, unknown: false });
      }
    const { refusal } = await ask(nc, 'STREAM.CREATE.TRY', '{"name":"TRY","max_byte":5}');
    if (strict) expect(s16UnknownApiField.symptoms).toContain(refusal?.text);
    else expect(refusal).toBeNull();
  });
});
