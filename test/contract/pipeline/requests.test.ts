import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { someOrder } from '../../helpers/pipeline-entities.ts';
import { post, Stand } from './stand.ts';

const MAX_PAYLOAD = 64 * 1024;

let stand: Stand;
let api: string;

beforeAll(async () => {
  stand = await Stand.start({ maxPayload: MAX_PAYLOAD, ingestMaxBytes: 256 * 1024 });
  api = (await stand.startApi()).url;
});
afterAll(() => stand?.stop());

const storedRows = async () => (await stand.rows('message_status')).length;

describe('a request that is refused says why and leaves nothing', () => {
  test.each([
    ['{"entity_type": "Order",}', 400, 'INVALID_JSON', /JSON/],
    ['', 400, 'INVALID_JSON', /empty/],
    ['[1]', 400, 'INVALID_JSON', /object/],
    ['{"order_key": "x"}', 400, 'INVALID_ENTITY_TYPE', /x-entity-type/],
    ['{"entity_type": "a.b"}', 400, 'INVALID_ENTITY_TYPE', /name/],
    ['{"entity_type": "Ordr"}', 400, 'INVALID_ENTITY_TYPE', /declared are: Order/],
  ])('%s', async (body, status, error, message) => {
    const before = await storedRows();
    const answer = await post(`${api}/ingest/message`, body);
    expect(answer).toMatchObject({ status, body: { error, message: expect.stringMatching(message) } });
    expect(await storedRows()).toBe(before);
  });

  test('a body above max_payload, and one that its envelope lifts above it', async () => {
    for (const size of [MAX_PAYLOAD * 4, MAX_PAYLOAD - 500]) {
      const answer = await post(`${api}/ingest/message`, someOrder('BIG', { comment: 'x'.repeat(size) }));
      expect(answer).toMatchObject({ status: 413, body: { error: 'TOO_LARGE' } });
    }
  });

  test('an Idempotency-Key that no header can carry', async () => {
    const answer = await post(`${api}/ingest/message`, someOrder('K'), {
      'idempotency-key': 'k'.repeat(300),
    });
    expect(answer).toMatchObject({ status: 400, body: { error: 'INVALID_IDEMPOTENCY_KEY' } });
  });

  test('a status that does not exist or cannot', async () => {
    const unknown = await fetch(`${api}/ingest/status/4a3d2b1c-0000-4000-8000-000000000000`);
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: 'NOT_FOUND' }]);
    const bad = await fetch(`${api}/ingest/status/42`);
    expect([bad.status, await bad.json()]).toMatchObject([400, { error: 'INVALID_MESSAGE_ID' }]);
    expect((await fetch(`${api}/nowhere`)).status).toBe(404);
  });
});

test('the entity type may come from a header', async () => {
  const { entity_type: _, ...order } = someOrder('HEADER');
  const answer = await post(`${api}/ingest/message`, order, { 'x-entity-type': 'Order' });
  expect(answer.status).toBe(202);
  const rows = await stand.rows('message_status', 'message_id = $1', [answer.body.message_id]);
  expect(rows).toMatchObject([{ entity_type: 'Order', status: 'pending' }]);
});

test('a batch answers line by line, and a bad line sinks no other', async () => {
  const before = await storedRows();
  const lines = [
    JSON.stringify(someOrder('L1')),
    '',
    '{"entity_type":',
    JSON.stringify(someOrder('L3')),
    '{}',
  ];
  const { status, body } = await post(`${api}/ingest/batch`, lines.join('\r\n'));
  expect(status).toBe(207);
  expect(body).toMatchObject({ accepted: 2, rejected: 2 });
  const results = body.results as Record<string, unknown>[];
  expect(results.map(({ line, status, code }) => [line, status, code])).toEqual([
    [1, 'accepted', 202],
    [3, 'rejected', 400],
    [4, 'accepted', 202],
    [5, 'rejected', 400],
  ]);
  expect(results[1]).toMatchObject({ error: 'INVALID_JSON' });
  expect(await storedRows()).toBe(before + 2);
  const { status: none } = await post(`${api}/ingest/batch`, '\n\n');
  expect(none).toBe(400);
});

test('health, metrics and the description are served', async () => {
  expect(await (await fetch(`${api}/healthz`)).json()).toEqual({ status: 'alive' });
  const ready = await fetch(`${api}/readyz`);
  expect(await ready.json()).toEqual({
    ...{ status: 'ready', missing: [] },
    checks: { nats: 'ok', stream: 'ok', postgres: 'ok' },
  });
  const metrics = await (await fetch(`${api}/metrics`)).text();
  expect(metrics).toMatch(/ingest_messages_accepted_total\{entity_type="Order"\} \d+/);
  expect(metrics).toContain('ingest_messages_refused_total{error="INVALID_JSON"}');
  const description = (await (await fetch(`${api}/openapi.json`)).json()) as { paths: object };
  expect(Object.keys(description.paths)).toContain('/ingest/status/{message_id}');
});

test('a full stream is 503 with Retry-After, and no row stays behind', async () => {
  const comment = 'x'.repeat(32 * 1024);
  let answer = await post(`${api}/ingest/message`, someOrder('FULL', { comment }));
  let sent = 1;
  for (; answer.status === 202 && sent < 50; sent += 1) {
    answer = await post(`${api}/ingest/message`, someOrder(`FULL-${sent}`, { comment }));
  }
  expect(answer).toMatchObject({ status: 503, body: { error: 'STREAM_FULL' } });
  expect(answer.headers.get('retry-after')).toBe('1');
  await expect
    .poll(async () => (await stand.rows('message_status', `status = 'pending'`)).length)
    .toBe((await (await stand.manager()).streams.info('MESSAGES')).state.messages);
});
