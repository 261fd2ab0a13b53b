import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { eventually } from '../helpers/eventually.ts';
import { someOrder } from '../helpers/pipeline-entities.ts';
import type { Measurement } from './report.ts';
import type { Load, LoadResult } from './throughput-load.ts';
import { declareStream, startStack, type ThroughputStack } from './throughput-stack.ts';

const ROUNDS = 3;
const RAW_MESSAGES = 30_000;
const RAW_IN_FLIGHT = 500;
const SINGLE = { mode: 'single', messages: 20_000, linesPerRequest: 1, connections: 96 } as const;
const BATCH = { mode: 'batch', messages: 50_000, linesPerRequest: 500, connections: 4 } as const;

/**
 * Messages per second from the first HTTP request to the last `completed` row, against the rate at which one client
 * publishes the same payload to a stream of the same configuration. All on this machine at the same time: nats-server,
 * Postgres, API, worker and the load generator. Throws when a message is lost, doubled or dead-lettered.
 */
export async function throughput(say: (line: string) => void): Promise<Measurement[]> {
  await using stack = await startStack();
  say(
    `throughput: nats-server ${stack.natsVersion}, Postgres 18 with fsync off (as the process runtime starts it)`,
  );
  await endToEnd(stack, { ...SINGLE, messages: 2000, port: stack.apiPort, prefix: 'WARM' });
  const values = { raw: [] as number[], single: [] as number[], batch: [] as number[] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    values.raw.push(await rawPublishes(stack));
    values.single.push(await endToEnd(stack, { ...SINGLE, port: stack.apiPort, prefix: `S${round}` }));
    values.batch.push(await endToEnd(stack, { ...BATCH, port: stack.apiPort, prefix: `B${round}` }));
    const [raw, single, batch] = [values.raw, values.single, values.batch].map((list) =>
      Math.round(list.at(-1) ?? 0),
    );
    say(`throughput: round ${round} of ${ROUNDS}: raw ${raw}/s, single ${single}/s, batch ${batch}/s`);
  }
  const ratio = (list: number[]) => list.map((rate, round) => rate / (values.raw[round] ?? Number.NaN));
  return [
    { name: 'raw JetStream publishes', unit: 'per second', values: values.raw },
    { name: 'single posts, HTTP to completed row', unit: 'per second', values: values.single },
    { name: 'batch endpoint, HTTP to completed row', unit: 'per second', values: values.batch },
    { name: 'single posts / raw', unit: 'ratio', values: ratio(values.single), goal: { atLeast: 0.15 } },
    { name: 'batch endpoint / raw', unit: 'ratio', values: ratio(values.batch), goal: { atLeast: 0.35 } },
  ];
}

/** The client library's own publish, many in flight; every one confirmed. */
async function rawPublishes({ nats }: ThroughputStack): Promise<number> {
  await declareStream(nats, 'RAW', 'raw.>');
  const client = jetstream(nats);
  const payload = JSON.stringify({
    message_id: crypto.randomUUID(),
    entity_type: 'Order',
    received_at: new Date().toISOString(),
    body: someOrder('RAW-12345'),
  });
  let sent = 0;
  const publisher = async () => {
    while (sent < RAW_MESSAGES) {
      sent += 1;
      await client.publish('raw.Order', payload);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: RAW_IN_FLIGHT }, publisher));
  const rate = RAW_MESSAGES / ((performance.now() - started) / 1000);
  const manager = await jetstreamManager(nats);
  const { messages } = (await manager.streams.info('RAW')).state;
  if (messages !== RAW_MESSAGES) throw new Error(`RAW holds ${messages} messages, expected ${RAW_MESSAGES}`);
  await manager.streams.delete('RAW');
  return rate;
}

async function endToEnd(stack: ThroughputStack, load: Load): Promise<number> {
  const { database, nats } = stack;
  await database.query('TRUNCATE message_status, orders, order_line_items');
  const generator = promisify(execFile)(process.execPath, [
    fileURLToPath(import.meta.url),
    'load',
    JSON.stringify(load),
  ]);
  const completedAt = eventually(
    async () => {
      const completed = await count(stack, `message_status WHERE status = 'completed'`);
      if (completed < load.messages) throw new Error(`${completed} of ${load.messages} completed`);
      return Date.now();
    },
    { withinMs: 120_000, everyMs: 50 },
  );
  const result = JSON.parse((await generator).stdout) as LoadResult;
  const elapsed = ((await completedAt) - result.startedAt) / 1000;

  const manager = await jetstreamManager(nats);
  const seen = {
    accepted: result.accepted,
    statuses: await count(stack, 'message_status'),
    orders: await count(stack, 'orders'),
    items: await count(stack, 'order_line_items'),
    deadLetters: (await manager.streams.info('MESSAGESDLQ')).state.messages,
  };
  const wanted = {
    ...{ accepted: load.messages, statuses: load.messages, orders: load.messages },
    ...{ items: load.messages * 2, deadLetters: 0 },
  };
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
    throw new Error(`seen ${JSON.stringify(seen)}, expected ${JSON.stringify(wanted)}`);
  }
  await manager.streams.purge('MESSAGES');
  return load.messages / elapsed;
}

async function count({ database }: ThroughputStack, from: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>(`SELECT count(*) FROM ${from}`);
  return Number(rows[0]?.count);
}
