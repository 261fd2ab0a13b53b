import { expect, it } from 'vitest';
import type { Hop } from '../../../src/probes/hops.ts';
import { type Journey, journey } from '../../../src/probes/pipeline-hops.ts';
import type { Run } from '../../../src/probes/run.ts';
import { messagesFound, rowsOnce, type Shipment } from '../../../src/probes/shipments.ts';

const SHIPMENTS = ['PROBE-1', 'PROBE-11'].map(
  (key): Shipment => ({
    key,
    sample: { body: {}, root: {}, items: [] } as unknown as Shipment['sample'],
    messageId: `id of ${key}`,
    tries: 1,
    triedAt: 0,
  }),
);

interface Found {
  /** `orders` → rows for each key */
  rows?: (table: string, key: string) => number;
  messages?: readonly string[];
}

function tripWith({ rows = () => 0, messages = [] }: Found): Journey {
  const database = {
    query: async (sql: string, [key]: [string]) =>
      Array.from({ length: rows(sql.includes('order_line_items') ? 'items' : 'orders', key) }, () => ({
        row: {},
      })),
  };
  const nats = {
    getMessage: async (_: string, { fromSeq }: { fromSeq: number }) =>
      messages[fromSeq - 1] === undefined ? null : { seq: fromSeq, text: messages[fromSeq - 1] },
  };
  return journey({
    target: {
      entity: { name: 'Order', table: 'orders' },
      derived: { table: 'order_line_items' },
      keyField: 'order_key',
      worker: { name: 'worker' },
      names: { stream: 'MESSAGES', subjectPrefix: 'messages.ingest' },
    },
    database: async () => database,
    reconnectNats: async () => nats,
  } as unknown as Run);
}

const running = (hop: Hop) => hop.run({ signal: new AbortController().signal, see: () => {} });

it('passes rows that are there once', async () => {
  const trip = tripWith({ rows: (table) => (table === 'orders' ? 1 : 2) });
  await expect(running(rowsOnce(trip, SHIPMENTS))).resolves.toBeUndefined();
});

it('tells rows that are there twice from rows that are lost', async () => {
  const twice = tripWith({ rows: (table, key) => (table === 'orders' ? 1 : key === 'PROBE-1' ? 4 : 2) });
  await expect(running(rowsOnce(twice, SHIPMENTS))).rejects.toMatchObject({
    message:
      'expected 1 row in orders and 2 in order_line_items for each of 2 keys; 1 with too many (PROBE-1: 1 + 4)',
    hint: 'worker must write a message that is delivered twice only once.',
  });
  const lost = tripWith({ rows: (table, key) => (key === 'PROBE-11' ? 0 : table === 'orders' ? 1 : 2) });
  await expect(running(rowsOnce(lost, SHIPMENTS))).rejects.toMatchObject({
    message: expect.stringContaining('1 with too few (PROBE-11: 0 + 0)'),
    hint: expect.stringContaining('commit what it writes before it acks'),
  });
});

it('wants each message in the stream once', async () => {
  const of = (...keys: string[]) => tripWith({ messages: keys.map((key) => `{"order_key":"${key}"}`) });
  await expect(running(messagesFound(of('PROBE-1', 'X', 'PROBE-11'), SHIPMENTS))).resolves.toBeUndefined();
  await expect(running(messagesFound(of('PROBE-11', 'PROBE-11'), SHIPMENTS))).rejects.toThrow(
    '1 are missing',
  );
  await expect(running(messagesFound(of('PROBE-1', 'PROBE-11', 'PROBE-1'), SHIPMENTS))).rejects.toMatchObject(
    {
      message: 'expected each of 2 messages once, 1 are stored more than once',
      hint: expect.stringContaining('duplicate_window of MESSAGES'),
    },
  );
});
