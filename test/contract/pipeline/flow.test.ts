import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { someOrder } from '../../helpers/pipeline-entities.ts';
import { post, Stand, statusBecomes } from './stand.ts';

let stand: Stand;
let api: string;
let worker: string;

beforeAll(async () => {
  stand = await Stand.start({ backoffMs: [300, 600] });
  [api, worker] = (await Promise.all([stand.startApi(), stand.startWorker()])).map(({ url }) => url) as [
    string,
    string,
  ];
});
afterAll(() => stand?.stop());

const deadLetters = async () => {
  const manager = await stand.manager();
  const { messages } = (await manager.streams.info('MESSAGESDLQ')).state;
  return messages;
};

describe('an Order with two items', () => {
  test('travels from HTTP to Postgres', async () => {
    const answer = await post(`${api}/ingest/message`, someOrder('ORD-DERIVED-TEST-001'));
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: 'accepted', message_id: expect.any(String) });
    expect(Date.parse(String(answer.body.timestamp))).toBeGreaterThan(Date.now() - 60_000);
    const { last } = await statusBecomes(api, answer.body.message_id, 'completed');
    expect(last).toMatchObject({ retry_count: 0, error_message: null, entity_type: 'Order' });
    expect(Date.parse(String(last.processed_at))).not.toBeNaN();
    const [order, ...others] = await stand.rows('orders', "order_key = 'ORD-DERIVED-TEST-001'");
    expect(others).toEqual([]);
    expect(order).toMatchObject({
      customer_key: 'CUST-001',
      total_price: '1500.5',
      clerk: 'Clerk#7',
      comment: null,
    });
    const items = await stand.rows(
      'order_line_items',
      "order_key = 'ORD-DERIVED-TEST-001' ORDER BY line_number",
    );
    expect(items).toMatchObject([
      { line_number: 1, part_key: 'PART-001', quantity: '2', extended_price: '1000.25', discount: '0.05' },
      { line_number: 2, part_key: 'PART-002', quantity: '1', extended_price: '500.25', discount: null },
    ]);
  });

  test('passes through every status, one after another', async () => {
    await stand.database.query(`
      CREATE TABLE seen (id uuid, status text, at serial);
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO seen (id, status) VALUES (NEW.message_id, NEW.status); RETURN NEW; END $$;
      CREATE TRIGGER note AFTER INSERT OR UPDATE ON message_status FOR EACH ROW EXECUTE FUNCTION note()`);
    const { body } = await post(`${api}/ingest/message`, someOrder('ORD-STATUSES'));
    await statusBecomes(api, body.message_id, 'completed');
    const seen = await stand.rows('seen', 'id = $1 ORDER BY at', [body.message_id]);
    await stand.database.query('DROP TRIGGER note ON message_status; DROP FUNCTION note; DROP TABLE seen');
    expect(seen.map(({ status }) => status)).toEqual(['pending', 'processing', 'completed']);
  });

  test('keeps trace context in headers and the posted bytes in the envelope', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const text =
      '{ "entity_type":"Order","order_key":"ORD-RAW", "customer_key":"ü", "order_status":"O","total_price":1.10,"order_date":"2025-11-13"}';
    const { body } = await post(`${api}/ingest/message`, text, { traceparent, 'x-source': 'shop' });
    const manager = await stand.manager();
    const stored = await manager.streams.getMessage('MESSAGES', { last_by_subj: 'messages.ingest.Order' });
    expect(stored?.header.get('traceparent')).toBe(traceparent);
    expect(stored?.header.get('Nats-Msg-Id')).toBe(body.message_id);
    expect(stored?.string()).toContain(`"body":${text}}`);
    expect(stored?.json()).toMatchObject({
      message_id: body.message_id,
      entity_type: 'Order',
      source: 'shop',
    });
    await statusBecomes(api, body.message_id, 'completed');
    expect(await stand.rows('orders', "order_key = 'ORD-RAW'")).toMatchObject([
      { customer_key: 'ü', total_price: '1.1' },
    ]);
  });

  test('sent again by another message replaces the row and its items', async () => {
    for (const [price, items] of [
      [10, 3],
      [20, 1],
    ] as const) {
      const line_items = Array.from({ length: items }, (_, at) => ({
        ...{ line_number: at + 1, part_key: 'P', quantity: 1, extended_price: price },
      }));
      const { body } = await post(
        `${api}/ingest/message`,
        someOrder('ORD-TWICE', { total_price: price, line_items }),
      );
      await statusBecomes(api, body.message_id, 'completed');
    }
    expect(await stand.rows('orders', "order_key = 'ORD-TWICE'")).toMatchObject([{ total_price: '20' }]);
    const left = await stand.rows('order_line_items', "order_key = 'ORD-TWICE'");
    expect(left).toMatchObject([{ line_number: 1, extended_price: '20' }]);
  });
});

describe('the same Idempotency-Key twice', () => {
  test('is one message, one id and one row', async () => {
    const before = (await (await stand.manager()).streams.info('MESSAGES')).state.last_seq;
    const headers = { 'idempotency-key': 'key-1' };
    const answers = await Promise.all([
      post(`${api}/ingest/message`, someOrder('ORD-IDEMPOTENT'), headers),
      post(`${api}/ingest/message`, someOrder('ORD-IDEMPOTENT'), headers),
    ]);
    await statusBecomes(api, answers[0]?.body.message_id, 'completed');
    answers.push(await post(`${api}/ingest/message`, someOrder('ORD-IDEMPOTENT'), headers));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(new Set(answers.map(({ body }) => body.message_id)).size).toBe(1);
    const stream = await (await stand.manager()).streams.info('MESSAGES');
    expect(stream.state.last_seq).toBe(before + 1);
    const stored = await (await stand.manager()).streams.getMessage('MESSAGES', { seq: before + 1 });
    expect(stored?.header.get('Nats-Msg-Id')).toBe('key-1');
    expect(await stand.rows('orders', "order_key = 'ORD-IDEMPOTENT'")).toHaveLength(1);
    expect(await stand.rows('order_line_items', "order_key = 'ORD-IDEMPOTENT'")).toHaveLength(2);
  });
});

describe('a message that cannot be processed', () => {
  test('with a malformed item goes to the dead letters and writes nothing', async () => {
    const before = await deadLetters();
    const order = someOrder('ORD-MALFORMED');
    order.line_items[1] = { ...order.line_items[1], quantity: 'two' } as never;
    const { status, body } = await post(`${api}/ingest/message`, order);
    expect(status).toBe(202);
    const { last } = await statusBecomes(api, body.message_id, 'dlq');
    expect(last.error_message).toBe(
      'line_items[1].quantity: read "two", expected a number, or a string of digits when every digit counts',
    );
    expect(await stand.rows('orders', "order_key = 'ORD-MALFORMED'")).toEqual([]);
    expect(await stand.rows('order_line_items', "order_key = 'ORD-MALFORMED'")).toEqual([]);
    expect(await deadLetters()).toBe(before + 1);
  });

  test('because it is no JSON is dead-lettered with headers and its original sequence', async () => {
    const before = await deadLetters();
    const poison = Buffer.from([0xff, 0x00, 0x7b, 0x0a]);
    const manager = await stand.manager();
    const ack = await manager.jetstream().publish('messages.ingest.Order', poison);
    const letter = await eventually(async () => {
      const found = await manager.streams.getMessage('MESSAGESDLQ', { last_by_subj: 'messages.dlq.Order' });
      if (found?.header.get('Dlq-Original-Sequence') !== String(ack.seq)) throw new Error('not there yet');
      return found;
    });
    expect(Buffer.from(letter.data)).toEqual(poison);
    expect(letter.header.get('Dlq-Original-Stream')).toBe('MESSAGES');
    expect(letter.header.get('Dlq-Original-Subject')).toBe('messages.ingest.Order');
    expect(letter.header.get('Dlq-Deliveries')).toBe('1');
    expect(letter.header.get('Dlq-Error')).toMatch(/^not JSON/);
    expect(letter.header.get('Nats-Msg-Id')).toBe(`dlq-MESSAGES-${ack.seq}`);
    expect(await deadLetters()).toBe(before + 1);
    await eventually(async () => {
      const { num_ack_pending, num_pending } = await manager.consumers.info('MESSAGES', 'workers');
      expect({ num_ack_pending, num_pending }).toEqual({ num_ack_pending: 0, num_pending: 0 });
    });
  });

  test('never sinks the others of its batch', async () => {
    const manager = await stand.manager();
    const lines = Array.from({ length: 40 }, (_, at) => {
      const order = someOrder(`ORD-MIXED-${at}`);
      return JSON.stringify(at % 10 === 3 ? { ...order, order_date: '2025-02-30' } : order);
    });
    const { body } = await post(`${api}/ingest/batch`, lines.join('\n'));
    await manager.jetstream().publish('messages.ingest.Unknown', 'x');
    const results = body.results as { message_id: string }[];
    for (const [at, { message_id }] of results.entries()) {
      await statusBecomes(api, message_id, at % 10 === 3 ? 'dlq' : 'completed');
    }
    expect(await stand.rows('orders', "order_key LIKE 'ORD-MIXED-%'")).toHaveLength(36);
  });
});

describe('a row that somebody has locked', () => {
  test('fails the message for now, holds up nobody else, and is written when the lock is gone', async () => {
    const holder = await stand.database.connect();
    try {
      await holder.query('BEGIN');
      await holder.query(`INSERT INTO orders (order_key, customer_key, order_status, total_price, order_date)
        VALUES ('ORD-LOCKED', 'c', 'O', 1, '2025-01-01')`);
      const others = Array.from({ length: 60 }, (_, at) => JSON.stringify(someOrder(`ORD-NEIGHBOUR-${at}`)));
      const lines = [...others.slice(0, 30), JSON.stringify(someOrder('ORD-LOCKED')), ...others.slice(30)];
      const { body } = await post(`${api}/ingest/batch`, lines.join('\n'));
      const ids = (body.results as { message_id: string }[]).map(({ message_id }) => message_id);
      const [locked] = ids.splice(30, 1);
      // Looked for at the same time: it is tried again and again meanwhile.
      const failed = statusBecomes(api, locked, 'failed');
      for (const id of ids) await statusBecomes(api, id, 'completed');
      const { last } = await failed;
      expect(last).toMatchObject({ error_message: expect.stringContaining('lock timeout') });
      expect(last.retry_count).toBeGreaterThanOrEqual(1);
      expect(last.processed_at).toBeNull();
      // A neighbour that shared its fate would have failed once, too.
      expect(await stand.rows('message_status', `message_id = ANY($1) AND retry_count > 0`, [ids])).toEqual(
        [],
      );
      await holder.query('ROLLBACK');
      const { last: end } = await statusBecomes(api, locked, 'completed');
      expect(end.retry_count).toBeGreaterThanOrEqual(1);
      expect(await stand.rows('orders', "order_key = 'ORD-LOCKED'")).toMatchObject([
        { customer_key: 'CUST-001' },
      ]);
      expect(await stand.rows('order_line_items', "order_key = 'ORD-LOCKED'")).toHaveLength(2);
      const metrics = await (await fetch(`${worker}/metrics`)).text();
      expect(metrics).toContain('worker_paused 0');
    } finally {
      await holder.query('ROLLBACK').catch(() => {});
      holder.release();
    }
  });

  test('ends in the dead letters when the last delivery fails too', async () => {
    const holder = await stand.database.connect();
    try {
      await holder.query('BEGIN');
      await holder.query(`INSERT INTO orders (order_key, customer_key, order_status, total_price, order_date)
        VALUES ('ORD-STUCK', 'c', 'O', 1, '2025-01-01')`);
      const { body } = await post(`${api}/ingest/message`, someOrder('ORD-STUCK'));
      const { last } = await statusBecomes(api, body.message_id, 'dlq');
      expect(last).toMatchObject({ retry_count: 4, error_message: expect.stringContaining('lock timeout') });
      const manager = await stand.manager();
      const letter = await manager.streams.getMessage('MESSAGESDLQ', { last_by_subj: 'messages.dlq.Order' });
      expect(letter?.header.get('Dlq-Deliveries')).toBe('5');
      expect(letter?.json()).toMatchObject({ message_id: body.message_id });
    } finally {
      await holder.query('ROLLBACK').catch(() => {});
      holder.release();
    }
  });
});
