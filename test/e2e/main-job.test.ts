import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DownResult, StatusReport, UpResult } from '../../src/engine/engine.ts';
import type { ProbeReport } from '../../src/probes/probe.ts';
import { eventually } from '../helpers/eventually.ts';
import { leakCheck } from '../helpers/leaks.ts';
import { someOrder } from '../helpers/pipeline-entities.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { onEachRuntime } from './runtimes.ts';

leakCheck();

const DEFAULT_PROBES = ['flow', 'duplicate', 'malformed', 'poison', 'retry'];

onEachRuntime('the main job', ({ kind, env }) => {
  let sandbox: Sandbox;
  let first: UpResult;

  beforeAll(async () => {
    sandbox = await Sandbox.create({}, env);
    first = await sandbox.json<UpResult>(['up']);
  });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  const variables = () => sandbox.json<Record<string, string>>(['env', '--format', 'json']);
  const query = async <T extends object>(sql: string, values: unknown[]): Promise<T[]> => {
    const client = new pg.Client({ connectionString: (await variables()).DATABASE_URL! });
    await client.connect();
    try {
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end();
    }
  };
  const post = async (key: string): Promise<string> => {
    const { INGESTION_API_URL } = await variables();
    const response = await fetch(`${INGESTION_API_URL}/ingest/message`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(someOrder(key)),
    });
    expect(response.status).toBe(202);
    return ((await response.json()) as { message_id: string }).message_id;
  };
  const completed = (id: string) =>
    eventually(async () => {
      const rows = await query<{ status: string }>(
        'SELECT status FROM message_status WHERE message_id = $1',
        [id],
      );
      expect(rows).toEqual([{ status: 'completed' }]);
    });

  it('brings everything up, ready and proven', () => {
    expect(first.runtime).toBe(kind);
    expect(first.services.map(({ service, health }) => [service, health.status])).toEqual([
      ['nats', 'ready'],
      ['postgres', 'ready'],
      ['api', 'ready'],
      ['worker', 'ready'],
    ]);
    expect(first.probes.map(({ probe, status }) => [probe, status]).sort()).toEqual(
      DEFAULT_PROBES.map((probe) => [probe, 'passed']).sort(),
    );
  });

  it('an Order posted by hand becomes one order, two line items and `completed`', async () => {
    const key = `HAND-${randomUUID()}`;
    await completed(await post(key));
    expect(
      await query('SELECT order_key, total_price::float FROM orders WHERE order_key = $1', [key]),
    ).toEqual([{ order_key: key, total_price: 1500.5 }]);
    expect(
      await query(
        'SELECT line_number, part_key, extended_price::float FROM order_line_items WHERE order_key = $1 ORDER BY 1',
        [key],
      ),
    ).toEqual([
      { line_number: 1, part_key: 'PART-001', extended_price: 1000.25 },
      { line_number: 2, part_key: 'PART-002', extended_price: 500.25 },
    ]);
  });

  it('`env --format shell` survives eval and names what tools need', async () => {
    const { stdout } = await sandbox.run(['env', '--format', 'shell']);
    const names = ['NATS_URL', 'NATS_MONITOR_URL', 'DATABASE_URL', 'INGESTION_API_URL', 'WORKER_URL'];
    const script = `eval "$DEVENV"; printf '%s\\n' ${names.map((name) => `"$${name}"`).join(' ')}`;
    const shell = await execa('sh', ['-c', script], { env: { DEVENV: stdout } });
    const expected = await variables();
    expect(shell.stdout.split('\n')).toEqual(names.map((name) => expected[name]));
  });

  it('up again is a no-op', async () => {
    const again = await sandbox.json<UpResult>(['up']);
    expect(again.steps).toEqual([]);
  });

  it('status tells services, streams against limits, consumers with lag, and the last probe', async () => {
    const status = await sandbox.json<StatusReport>(['status']);
    expect(status).toMatchObject({ name: sandbox.name.toLowerCase(), runtime: kind, running: true });
    for (const service of status.services) {
      expect(service).toMatchObject({ state: 'running', health: { status: 'ready' } });
      expect(service[kind === 'docker' ? 'container' : 'pid']).toBeTruthy();
      expect(service.uptimeMs).toBeGreaterThan(0);
    }
    const { file, streams, consumers } = status.jetstream!;
    expect(streams.map(({ name }) => name).sort()).toEqual(['MESSAGES', 'MESSAGESDLQ']);
    expect(streams.reduce((sum, { reserved }) => sum + reserved, 0)).toBe(file.reserved);
    expect(file.limit).toBeGreaterThanOrEqual(file.reserved);
    expect(consumers).toMatchObject([{ stream: 'MESSAGES', name: 'workers', lag: 0 }]);
    expect(status.lastProbe).toMatchObject({ status: 'passed' });
  });

  it('logs are prefixed, in time order, and can be narrowed', async () => {
    const all = await sandbox.run(['logs', '--tail', '5']);
    expect(all.status).toBe(0);
    for (const service of ['nats', 'postgres', 'api', 'worker'])
      expect(all.stdout).toMatch(new RegExp(`^${service}\\b`, 'm'));
    const one = await sandbox.run(['logs', 'nats', '--tail', '3']);
    expect(one.stdout.split('\n').length).toBeLessThanOrEqual(3);
    expect(one.stdout).not.toMatch(/^(api|worker|postgres)\b/m);
  });

  it('a deleted stream is made again, and what and why is told', async () => {
    const { NATS_URL } = await variables();
    const { connectNats, parseNatsUrl } = await import('../../src/adapters/nats.ts');
    const client = await connectNats(parseNatsUrl(NATS_URL!), {
      signal: AbortSignal.timeout(60_000),
      timeoutMs: 30_000,
      name: 'test',
    });
    await client.deleteStream('MESSAGESDLQ');
    await client.close();
    const repair = await sandbox.json<UpResult>(['up']);
    expect(repair.steps[0]).toMatchObject({ id: 'topology', cause: expect.stringContaining('MESSAGESDLQ') });
    expect(repair.probes.every(({ status }) => status === 'passed')).toBe(true);
  });

  it('a dropped table is made again', async () => {
    await query('DROP TABLE order_line_items', []);
    const repair = await sandbox.json<UpResult>(['up']);
    expect(repair.steps[0]).toMatchObject({
      id: 'migrate',
      cause: expect.stringContaining('order_line_items'),
    });
    expect(repair.probes.every(({ status }) => status === 'passed')).toBe(true);
  });

  it('the restart probe: server killed mid-flow, nothing lost, no row twice', async () => {
    const [report] = await sandbox.json<ProbeReport[]>(['probe', 'restart']);
    expect(report).toMatchObject({ probe: 'restart', status: 'passed' });
  });

  it('restart brings a service back with another process', async () => {
    const identity = async () => {
      const { services } = await sandbox.json<StatusReport>(['status']);
      const worker = services.find(({ service }) => service === 'worker')!;
      return { startedAt: worker.startedAt, ready: worker.health.status };
    };
    const before = await identity();
    expect((await sandbox.run(['restart', 'worker'])).status).toBe(0);
    const after = await identity();
    expect(after.ready).toBe('ready');
    expect(after.startedAt).not.toBe(before.startedAt);
  });

  it('down keeps data and ports; up brings both back; down --volumes removes everything', async () => {
    const key = `KEPT-${randomUUID()}`;
    await completed(await post(key));
    const before = await variables();
    const down = await sandbox.json<DownResult>(['down']);
    expect(down.removed.length).toBeGreaterThan(0);
    expect((await sandbox.run(['env'])).status).toBe(2);
    await sandbox.json<UpResult>(['up', '--no-probe']);
    expect(await variables()).toEqual(before);
    expect(await query('SELECT order_key FROM orders WHERE order_key = $1', [key])).toHaveLength(1);
    await sandbox.json<DownResult>(['down', '--volumes']);
    expect((await sandbox.json<DownResult>(['down'])).removed).toEqual([]);
  });
});
