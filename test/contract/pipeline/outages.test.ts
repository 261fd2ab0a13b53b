import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { someOrder } from '../../helpers/pipeline-entities.ts';
import { becomes, post, Stand, statusBecomes } from './stand.ts';

let stand: Stand;

beforeEach(async () => {
  stand = await Stand.start({ backoffMs: [250, 500, 1000], maxDeliver: 4 });
});
afterEach(() => stand?.stop());

const accepted = async (url: string, count: number, prefix: string) => {
  const lines = Array.from({ length: count }, (_, at) => JSON.stringify(someOrder(`${prefix}-${at}`)));
  const { body } = await post(`${url}/ingest/batch`, lines.join('\n'));
  expect(body).toMatchObject({ accepted: count, rejected: 0 });
  return (body.results as { message_id: string }[]).map(({ message_id }) => message_id);
};

const completed = async () => (await stand.rows('message_status', `status = 'completed'`)).length;

describe('while Postgres is away', () => {
  test('the API refuses, the worker pauses without burning deliveries, and both go on by themselves', async () => {
    const api = await stand.startApi();
    const worker = await stand.startWorker();
    await stand.postgres.kill();
    expect(await becomes(`${api.url}/readyz`, 503)).toMatchObject({ missing: ['postgres'] });
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    const refused = await post(`${api.url}/ingest/message`, someOrder('AWAY'));
    expect(refused).toMatchObject({ status: 503, body: { error: 'DATABASE_UNAVAILABLE' } });
    expect(refused.headers.get('retry-after')).toBe('1');

    const manager = await stand.manager();
    const id = crypto.randomUUID();
    const envelope = { message_id: id, entity_type: 'Order', received_at: new Date().toISOString() };
    const ack = await manager
      .jetstream()
      .publish('messages.ingest.Order', JSON.stringify({ ...envelope, body: someOrder('HELD') }));
    await eventually(async () => {
      expect(await (await fetch(`${worker.url}/metrics`)).text()).toContain('worker_paused 1');
    });
    // Longer than all four deliveries would take if each were answered or timed out.
    const { delivered } = await manager.consumers.info('MESSAGES', 'workers');
    const until = Date.now() + 2500;
    await eventually(() => expect(Date.now()).toBeGreaterThan(until));
    const held = await manager.consumers.info('MESSAGES', 'workers');
    expect(held.delivered.consumer_seq).toBe(delivered.consumer_seq);
    expect(held.num_ack_pending).toBe(1);
    expect(held.delivered.stream_seq).toBe(ack.seq);

    await stand.postgres.start();
    const { last } = await statusBecomes(api.url, id, 'completed');
    expect(last.retry_count).toBe(0);
    await becomes(`${api.url}/readyz`, 200);
    await becomes(`${worker.url}/readyz`, 200);
    expect(await stand.rows('message_status', `status = 'pending'`)).toEqual([]);
    expect((await manager.streams.info('MESSAGESDLQ')).state.messages).toBe(0);
  });

  test('killed under load, nothing is lost and nothing is doubled', async () => {
    const api = await stand.startApi();
    await stand.startWorker();
    const first = await accepted(api.url, 1500, 'LOAD');
    await stand.postgres.kill();
    await stand.postgres.start();
    await eventually(async () => expect(await completed()).toBe(first.length), { withinMs: 90_000 });
    expect(await stand.rows('orders')).toHaveLength(1500);
    expect(await stand.rows('order_line_items')).toHaveLength(3000);
  });
});

describe('while NATS is away', () => {
  test('the API refuses and leaves no row; killed mid-flow, nothing is lost', async () => {
    const api = await stand.startApi();
    const worker = await stand.startWorker();
    await accepted(api.url, 1500, 'FLOW');
    await stand.killNats();
    expect(await becomes(`${api.url}/readyz`, 503)).toMatchObject({ missing: ['nats', 'stream'] });
    const refused = await post(`${api.url}/ingest/message`, someOrder('AWAY'));
    expect(refused).toMatchObject({ status: 503, body: { error: 'NATS_UNAVAILABLE' } });
    await stand.startNats();
    await becomes(`${api.url}/readyz`, 200);
    await becomes(`${worker.url}/readyz`, 200);
    await eventually(async () => expect(await completed()).toBe(1500), { withinMs: 90_000 });
    expect(await stand.rows('orders')).toHaveLength(1500);
    expect(await stand.rows('message_status', `status <> 'completed'`)).toEqual([]);
  });

  test('requests in flight at the kill are answered, and what was answered 202 arrives', async () => {
    const api = await stand.startApi();
    await stand.startWorker();
    const answers: Promise<{ status: number; body: Record<string, unknown> }>[] = [];
    for (let at = 0; at < 300; at += 1) {
      answers.push(
        post(`${api.url}/ingest/message`, someOrder(`FLIGHT-${at}`), { 'idempotency-key': `f-${at}` }),
      );
      if (at === 150) await stand.killNats();
    }
    await stand.startNats();
    const settled = await Promise.all(answers);
    expect(settled.every(({ status }) => status === 202 || status === 503)).toBe(true);
    for (const { status, body } of settled) {
      if (status === 202) await statusBecomes(api.url, body.message_id, 'completed');
    }
    await becomes(`${api.url}/readyz`, 200);
    for (let at = 0; at < 300; at += 1) {
      if (settled[at]?.status !== 503) continue;
      const again = await post(`${api.url}/ingest/message`, someOrder(`FLIGHT-${at}`), {
        'idempotency-key': `f-${at}`,
      });
      expect(again.status).toBe(202);
      await statusBecomes(api.url, again.body.message_id, 'completed');
    }
    expect(await stand.rows('orders')).toHaveLength(300);
  });
});

describe('without a dead letter stream', () => {
  test('a malformed message is held, not acknowledged, and buried when the stream is there', async () => {
    const manager = await stand.manager();
    await manager.streams.delete('MESSAGESDLQ');
    const api = await stand.startApi();
    const worker = stand.run('worker', { PORT: '0' });
    await worker.line(/listening/);
    const { body } = await post(`${api.url}/ingest/message`, someOrder('NO-DLQ', { total_price: 'much' }));
    const { last } = await statusBecomes(api.url, body.message_id, 'failed');
    expect(last.error_message).toMatch(/total_price.*not dead-lettered/);
    const ids = await accepted(api.url, 20, 'OTHERS');
    for (const id of ids) await statusBecomes(api.url, id, 'completed');
    const consumer = await manager.consumers.info('MESSAGES', 'workers');
    expect(consumer.num_ack_pending).toBe(1);
    await stand.declareStream('MESSAGESDLQ', 'messages.dlq.>');
    await statusBecomes(api.url, body.message_id, 'dlq');
    expect((await manager.streams.info('MESSAGESDLQ')).state.messages).toBe(1);
    await eventually(async () => {
      expect((await manager.consumers.info('MESSAGES', 'workers')).num_ack_pending).toBe(0);
    });
  });
});

describe('a worker', () => {
  test('that gets SIGTERM under load leaves within a second, and another one finishes the work', async () => {
    const api = await stand.startApi();
    const leaves = async (count: number) => {
      const before = await completed();
      const worker = await stand.startWorker();
      await accepted(api.url, count, `DRAIN-${count}`);
      await eventually(async () => expect(await completed()).toBeGreaterThan(before));
      const asked = performance.now();
      worker.program.child.kill('SIGTERM');
      expect((await worker.program.exit).code).toBe(0);
      const ms = performance.now() - asked;
      const { num_ack_pending } = await (await stand.manager()).consumers.info('MESSAGES', 'workers');
      const unfinished = await stand.rows('message_status', `status = 'processing'`);
      const other = await stand.startWorker();
      await eventually(async () => expect(await completed()).toBe(before + count), { withinMs: 90_000 });
      other.program.child.kill('SIGTERM');
      expect((await other.program.exit).code).toBe(0);
      return { ms, num_ack_pending, unfinished };
    };
    // Whoever is not through after 900 ms leaves all the same: a machine that is busy is given less to do.
    let seen = await leaves(3000);
    for (let count = 1500; count > 20 && seen.ms > 850; count = Math.ceil(count / 2))
      seen = await leaves(count);
    expect(seen.ms).toBeLessThan(1_000);
    // Everything it had taken was finished: nothing waits for a second delivery.
    expect(seen).toMatchObject({ num_ack_pending: 0, unfinished: [] });
    expect(await stand.rows('message_status', 'retry_count > 0')).toEqual([]);
  });

  test('that is killed during the last delivery leaves a message that another one buries', async () => {
    const manager = await stand.manager();
    await manager.consumers.update('MESSAGES', 'workers', {
      max_deliver: 1,
      backoff: [],
      ack_wait: 500_000_000,
    } as never);
    const api = await stand.startApi();
    const worker = await stand.startWorker({ WORKER_LOCK_TIMEOUT_MS: '60000' });
    const holder = await stand.database.connect();
    await holder.query('BEGIN; LOCK TABLE orders');
    const { body } = await post(`${api.url}/ingest/message`, someOrder('EXHAUSTED'));
    await statusBecomes(api.url, body.message_id, 'processing');
    const other = await stand.startWorker();
    worker.program.child.kill('SIGKILL');
    // The whole transaction is on its way to the server already: it has to die with its client.
    await stand.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
    );
    await holder.query('ROLLBACK');
    holder.release();
    const { last } = await statusBecomes(api.url, body.message_id, 'dlq');
    expect(last.error_message).toBe('no answer in 1 deliveries');
    expect((await fetch(`${other.url}/healthz`)).status).toBe(200);
  });
});

test('an API that gets SIGTERM under load answers what it took and loses nothing', async () => {
  const api = await stand.startApi();
  await stand.startWorker();
  const answers = Array.from({ length: 400 }, async (_, at) => {
    try {
      return await post(`${api.url}/ingest/message`, someOrder(`STOP-${at}`));
    } catch {
      return undefined; // refused connection: the client knows that nothing was taken
    }
  });
  await Promise.race(answers);
  const asked = performance.now();
  api.program.child.kill('SIGTERM');
  expect((await api.program.exit).code).toBe(0);
  // It gives itself 900 ms; the rest is for a machine that is busy.
  expect(performance.now() - asked).toBeLessThan(10_000);
  const taken = (await Promise.all(answers)).filter((answer) => answer?.status === 202);
  expect(taken.length).toBeGreaterThan(0);
  const ids = taken.map((answer) => answer?.body.message_id);
  await eventually(async () => {
    const rows = await stand.rows('message_status', 'message_id = ANY($1)', [ids]);
    expect(rows.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
  });
});
