import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { freePort } from '../../helpers/free-ports.ts';
import { ORDER_ENTITY } from '../../helpers/pipeline-entities.ts';
import { quickestOf } from '../../helpers/quickest.ts';
import { becomes, type ProgramName, Stand } from './stand.ts';

let stand: Stand;

beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand?.stop());

describe.each(['api', 'worker', 'migrate'] as ProgramName[])('%s', (program) => {
  test('with wrong variables exits 2 and names each of them', async () => {
    const { code, stderr } = await stand.run(program, {
      DATABASE_URL: 'host:5432',
      ENTITIES: '[{"name":"Order"}]',
    }).exit;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^DATABASE_URL: read "host:5432", expected a URL like postgresql:/m);
    expect(stderr).toMatch(/^ENTITIES\[0\]\.table: read nothing, expected/m);
  });
});

describe.each(['api', 'worker'] as const)('%s', (program) => {
  test('is ready within moments of its start', async () => {
    const start = async () => {
      const port = await freePort();
      const running = stand.run(program, { PORT: String(port) });
      await becomes(`http://127.0.0.1:${port}/readyz`, 200, running);
      running.child.kill('SIGTERM');
      expect((await running.exit).code).toBe(0);
    };
    // Half of it is seen on a quiet machine; this only catches a start that has become slow.
    expect(await quickestOf(start, { enoughMs: 3_000 })).toBeLessThan(3_000);
  });

  test('on a port that is taken exits 1 and says so', async () => {
    const port = await freePort();
    const first = stand.run(program, { PORT: String(port) });
    await becomes(`http://127.0.0.1:${port}/healthz`, 200, first);
    const { code, stderr } = await stand.run(program, { PORT: String(port) }).exit;
    expect([code, stderr]).toEqual([1, expect.stringContaining('EADDRINUSE')]);
    first.child.kill('SIGINT');
    expect((await first.exit).code).toBe(0);
  });
});

test('both wait, alive and not ready, until each part has appeared, and stop while they wait', async () => {
  const manager = await stand.manager();
  await manager.streams.delete('MESSAGES');
  await stand.killNats();
  await stand.postgres.kill();
  const [apiPort, workerPort] = [await freePort(), await freePort()];
  const api = stand.run('api', { PORT: String(apiPort) });
  const worker = stand.run('worker', { PORT: String(workerPort) });
  const readyz = (port: number) => `http://127.0.0.1:${port}/readyz`;
  expect(await becomes(readyz(apiPort), 503, api)).toMatchObject({ missing: ['nats', 'stream', 'postgres'] });
  const missing = { missing: ['nats', 'consumer', 'dlq', 'postgres'] };
  expect(await becomes(readyz(workerPort), 503, worker)).toMatchObject(missing);
  expect((await fetch(`http://127.0.0.1:${workerPort}/healthz`)).status).toBe(200);

  const third = stand.run('worker', { PORT: '0' });
  await third.line(/listening/);
  third.child.kill('SIGTERM');
  expect((await third.exit).code).toBe(0);

  await stand.postgres.start();
  await stand.startNats();
  const lacks = async (port: number, parts: string[]) =>
    eventually(async () => {
      const response = await fetch(readyz(port));
      expect(await response.json()).toMatchObject({ missing: parts });
    });
  await lacks(apiPort, ['stream']);
  await lacks(workerPort, ['consumer']);
  await stand.declareStream('MESSAGES', 'messages.ingest.>');
  await lacks(apiPort, []);
  await lacks(workerPort, ['consumer']);
  await stand.declareConsumer();
  await lacks(workerPort, []);
});

describe('migrate', () => {
  const migrate = async (entities: unknown) => {
    const { code, stdout, stderr } = await stand.run('migrate', { ENTITIES: JSON.stringify(entities) }).exit;
    return { code, stderr, result: stdout === '' ? undefined : JSON.parse(stdout) };
  };
  const thing = {
    ...{ name: 'Thing', table: 'things; drop', key: ['id'], derived: [] },
    fields: [{ name: 'id', type: 'bigint', required: true }],
  };

  test('a second time does nothing, and says so', async () => {
    const again = await migrate([ORDER_ENTITY]);
    expect(again).toMatchObject({ code: 0, result: { changed: false, changes: [] } });
    expect(again.result.tables).toEqual(['message_status', 'orders', 'order_line_items']);
  });

  test('five at once create everything once', async () => {
    const things = [ORDER_ENTITY, { ...thing, table: 'things' }];
    const runs = await Promise.all(Array.from({ length: 5 }, () => migrate(things)));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(runs.filter(({ result }) => result.changed)).toHaveLength(1);
  });

  test('adds a column, and refuses what it would have to rewrite', async () => {
    const wider = { ...thing, table: 'things', fields: [...thing.fields, { name: 'note', type: 'text' }] };
    expect(await migrate([ORDER_ENTITY, wider])).toMatchObject({
      ...{ code: 0, result: { changes: [{ table: 'things', change: 'column note added' }] } },
    });
    const other = { ...wider, fields: [{ name: 'id', type: 'uuid', required: true }] };
    const refused = await migrate([ORDER_ENTITY, other]);
    expect(refused).toMatchObject({ code: 1, result: undefined });
    expect(refused.stderr).toContain('things.id: is bigint, declared as uuid');
  });

  test('refuses a table name that is no name', async () => {
    const refused = await migrate([thing]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('ENTITIES[0].table') });
  });

  test('notices a table that was dropped behind its back', async () => {
    await migrate([ORDER_ENTITY]);
    await stand.database.query('DROP TABLE order_line_items');
    expect(await migrate([ORDER_ENTITY])).toMatchObject({
      result: { changes: [{ table: 'order_line_items', change: 'created' }] },
    });
  });

  test('gives up on a database that does not come, with the reason', async () => {
    const run = stand.run('migrate', {
      DATABASE_URL: `postgresql://u:secret@127.0.0.1:${await freePort()}/db`,
      MIGRATE_TIMEOUT_MS: '300',
    });
    const { code, stderr } = await run.exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot connect to the database: .*ECONNREFUSED/);
    expect(stderr).not.toContain('secret');
  });
});
