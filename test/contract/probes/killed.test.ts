import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProbeContext } from '../../../src/probes/probe.ts';
import type { Environment } from '../../../src/topology/deployment.ts';
import { probeRemains } from '../../../src/world/probe-remains.ts';
import { eventually } from '../../helpers/eventually.ts';
import { bundleProgram, runProgram } from '../../helpers/typescript-program.ts';
import { post, Stand, statusBecomes } from '../pipeline/stand.ts';
import { BACKOFF_MS, contextFor, leftovers } from './context.ts';

/** Runs a probe that says when it would kill a server, and then waits for its own end. */
const PROGRAM = `
import { probes } from './src/probes/index.ts';
import { probeRemains } from './src/world/probe-remains.ts';

const { name, environment, topology, endpoints } = JSON.parse(process.argv[2]);
const ready = () => {
  process.stdout.write('ready\\n');
  return new Promise((resolve) => setTimeout(resolve, 60_000));
};
probes.find((probe) => probe.name === name).run({
  topology,
  endpoints,
  signal: new AbortController().signal,
  emit: () => {},
  control: { kill: ready, ensureRunning: async () => {} },
  marks: probeRemains.marks(environment),
  lastLogs: async () => [],
});
`;

let stand: Stand;
let context: ProbeContext;
let program: string;
let environment: Environment;

beforeAll(async () => {
  stand = await Stand.start({ backoffMs: BACKOFF_MS });
  const [api, worker] = await Promise.all([stand.startApi(), stand.startWorker()]);
  context = contextFor(stand, { api: api.url, worker: worker.url });
  program = await bundleProgram(stand.directory, 'probe', PROGRAM);
  environment = {
    name: 'e',
    projectDir: stand.directory,
    stateDir: join(stand.directory, 'state'),
    id: 'devenv-e-1',
  };
});
afterAll(() => stand?.stop());

const begin = () => {
  const { topology, endpoints } = context;
  const given = JSON.stringify({ name: 'restart', environment, topology, endpoints });
  return runProgram(process.execPath, [program, given]);
};

/** An order of somebody else's, in between. */
async function order(key: string) {
  const { api } = context.endpoints.services;
  const { body } = await post(`${api}/ingest/message`, {
    entity_type: 'Order',
    order_key: key,
    customer_key: 'CUST-001',
    order_status: 'O',
    total_price: 1,
    order_date: '2026-01-01',
    line_items: [{ line_number: 1, part_key: 'PART-001', quantity: 1, extended_price: 1 }],
  });
  await statusBecomes(api!, String(body.message_id), 'completed');
}

it('what a killed probe left is known and removed, and nothing of others or of one that still runs', async () => {
  const marks = probeRemains.marks(environment);
  await order('USER-1');
  const own = await leftovers(stand);
  const [killed, living] = [begin(), begin()];
  try {
    await Promise.all([killed, living].map(({ line }) => line(/ready/)));
    expect(await marks.orphans()).toEqual([]);
    killed.child.kill('SIGKILL');
    await killed.exit;
    await order('USER-2');

    const [orphan, ...more] = await marks.orphans();
    expect(more).toEqual([]);
    expect(orphan?.key).toMatch(/^PROBE-restart-/);
    const rowsOf = (key: string | undefined) => stand.rows('orders', 'starts_with(order_key, $1)', [key]);
    // At least so many were accepted before the kill; the worker may still be at the last of them.
    await eventually(async () => expect((await rowsOf(orphan?.key)).length).toBeGreaterThanOrEqual(15), {
      withinMs: 10_000,
      everyMs: 20,
    });
    const { messages, rows } = await probeRemains.remove(orphan!, context, AbortSignal.timeout(10_000));
    expect(messages).toBeGreaterThanOrEqual(15);
    expect(rows).toBeGreaterThanOrEqual(15 * 4);
    await marks.erase(orphan!.key);
    expect(await rowsOf(orphan?.key)).toEqual([]);
    // Again is no mistake: two devenvs may be at it.
    const again = await probeRemains.remove(orphan!, context, AbortSignal.timeout(10_000));
    expect(again).toEqual({ messages: 0, rows: 0 });

    const [other] = await readdir(join(environment.stateDir, 'probes'));
    const key = other!.replace('.json', '');
    expect((await rowsOf(key)).length).toBeGreaterThanOrEqual(15);
    living.child.kill('SIGKILL');
    await living.exit;
    const [last] = await marks.orphans();
    expect(last?.key).toBe(key);
    await probeRemains.remove(last!, context, AbortSignal.timeout(10_000));
    await marks.erase(key);
    expect(await marks.orphans()).toEqual([]);
    const left = await leftovers(stand);
    expect(left).toEqual({ ...own, orders: 2, items: 2, statuses: 2, messages: 2 });
  } finally {
    for (const { child } of [killed, living]) child.kill('SIGKILL');
  }
});
