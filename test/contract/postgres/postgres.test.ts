import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  applySqlFolder,
  checkPostgres,
  connectPostgres,
  missingColumns,
  pendingMigrations,
} from '../../../src/adapters/postgres.ts';
import { type PostgresServer, startPostgres } from '../../helpers/postgres-server.ts';

const signal = new AbortController().signal;
const bounds = { signal, timeoutMs: 20_000 };
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const query = async (text: string) => {
  await using session = await connectPostgres(server.url, bounds);
  return await session.query(text);
};

describe('readiness', () => {
  test('is a query on the target database', async () => {
    expect(await checkPostgres(server.url, bounds)).toMatchObject({
      ready: true,
      version: expect.stringMatching(/^18\./),
      detail: expect.stringContaining(`127.0.0.1:${server.port}/postgres answers`),
    });
  });

  test.each([
    ['a wrong password', () => server.url.replace('secret', 'hunter2'), /password authentication failed/],
    [
      'a database that is not there',
      () => server.url.replace(/postgres$/, 'nobody'),
      /"nobody" does not exist/,
    ],
    ['a closed port', () => 'postgresql://u:p@127.0.0.1:1/x', /connection refused/],
  ])('%s is told in a few words, without the password', async (_what, url, detail) => {
    const answer = await checkPostgres(url(), bounds);
    expect(answer).toMatchObject({ ready: false, detail: expect.stringMatching(detail) });
    expect(answer.detail).not.toMatch(/hunter2|secret/);
  });

  test('a peer that says nothing is given up at the deadline, and no socket is left', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.resume();
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const url = `postgresql://u:p@127.0.0.1:${address.port}/x`;
    expect(await checkPostgres(url, { signal, timeoutMs: 150 })).toMatchObject({
      ready: false,
      detail: expect.stringContaining('no answer within 150 ms'),
    });
    await expect.poll(() => sockets.size, { timeout: 20_000 }).toBe(0);
    silent.close();
  });

  test('an aborted signal cuts a query that runs, with its reason', async () => {
    const stop = new AbortController();
    const session = await connectPostgres(server.url, { signal: stop.signal, timeoutMs: 20_000 });
    const sleeping = session.query('SELECT pg_sleep(20)');
    setTimeout(() => stop.abort(new Error('enough')), 30);
    await expect(sleeping).rejects.toThrow('enough');
    await session.close();
  });

  test('a refused query carries the SQLSTATE and the server’s words', async () => {
    await expect(query('SELECT 1/0')).rejects.toMatchObject({
      code: 'POSTGRES_FAILED',
      sqlState: '22012',
      message: expect.stringContaining('division by zero'),
    });
  });
});

describe('a folder of SQL files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sql-folder-'));
    await query(
      'DROP SCHEMA IF EXISTS devenv CASCADE; DROP TABLE IF EXISTS fruit; CREATE TABLE fruit (name text)',
    );
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = (name: string, text: string | Uint8Array) => writeFile(join(folder, name), text);
  const apply = () => applySqlFolder(server.url, folder, { signal });
  const pending = () => pendingMigrations(server.url, folder, { signal });
  const fruit = async () => (await query('SELECT name FROM fruit ORDER BY name')).map(({ name }) => name);

  test('is applied in name order, once, and only new files later', async () => {
    await write('02.sql', "INSERT INTO fruit SELECT 'plum' FROM fruit");
    await write('01.sql', "INSERT INTO fruit VALUES ('apple');\nINSERT INTO fruit VALUES ('pear');");
    await write('notes.txt', 'this is no SQL');
    expect(await pending()).toEqual(['01.sql', '02.sql']);
    expect(await apply()).toEqual(['01.sql', '02.sql']);
    expect(await fruit()).toEqual(['apple', 'pear', 'plum', 'plum']);
    expect(await pending()).toEqual([]);
    expect(await apply()).toEqual([]);
    await write('03.sql', "INSERT INTO fruit VALUES ('fig')");
    expect(await apply()).toEqual(['03.sql']);
  });

  test('is applied once by two at the same time', async () => {
    await write('01.sql', "INSERT INTO fruit VALUES ('apple')");
    const [left, right] = await Promise.all([apply(), apply()]);
    expect([...left, ...right]).toEqual(['01.sql']);
    expect(await fruit()).toEqual(['apple']);
  });

  test('a syntax error names file, line and column, and nothing of its file stays', async () => {
    await write('01.sql', "INSERT INTO fruit VALUES ('apple')");
    await write('02.sql', "-- ünï 💥\nINSERT INTO fruit VALUES ('bad');\n  SELEC 2;\n");
    await expect(apply()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      exit: 5,
      message: `${folder}/02.sql:3:3: syntax error at or near "SELEC"`,
      details: ['  SELEC 2;', '  ^'],
      hint: expect.any(String),
    });
    expect(await fruit()).toEqual(['apple']);
    expect(await pending()).toEqual(['02.sql']);
  });

  test('a file that changed after it was applied is refused', async () => {
    await write('01.sql', "INSERT INTO fruit VALUES ('apple')");
    await apply();
    await write('01.sql', "INSERT INTO fruit VALUES ('pear')");
    for (const attempt of [apply, pending]) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        message: expect.stringContaining('01.sql changed after it was applied'),
        hint: expect.stringContaining('devenv down --volumes'),
      });
    }
    expect(await fruit()).toEqual(['apple']);
  });

  test.each([
    ['ends its transaction', "INSERT INTO fruit VALUES ('x'); ROLLBACK;", /ends the transaction/, /COMMIT/],
    ['uses psql', '\\i other.sql', /01\.sql:1:1: syntax error/, /commands of psql/],
    ['cannot run in a transaction', 'VACUUM', /cannot run inside a transaction block/, /transaction/],
    ['waits for data', 'COPY fruit FROM STDIN', /01\.sql: .*COPY/, /Correct the file/],
    [
      'breaks a rule',
      'INSERT INTO nowhere VALUES (1)',
      /01\.sql:1:13: relation "nowhere" does not exist/,
      /Correct/,
    ],
    ['holds a NUL', 'SELECT 1;\0', /NUL/, /UTF-8/],
    ['is no UTF-8', new Uint8Array([0x53, 0xff]), /01\.sql/, /UTF-8/],
  ])('a file that %s is explained', async (_what, text, message, hint) => {
    await write('01.sql', text);
    await expect(apply()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    expect(await fruit()).toEqual([]);
  });

  test('an empty folder is nothing to do; one that is not there is an error of the configuration', async () => {
    expect(await apply()).toEqual([]);
    await mkdir(join(folder, 'empty.sql.d'));
    expect(await pending()).toEqual([]);
    const missing = applySqlFolder(server.url, join(folder, 'nowhere'), { signal });
    await expect(missing).rejects.toMatchObject({ code: 'CONFIG_INVALID', exit: 2 });
  });

  test('an aborted signal ends a long file and leaves nothing of it', async () => {
    await write('01.sql', "INSERT INTO fruit VALUES ('apple'); SELECT pg_sleep(20)");
    const stop = new AbortController();
    const applying = applySqlFolder(server.url, folder, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 150);
    await expect(applying).rejects.toThrow('enough');
    expect(await fruit()).toEqual([]);
  });
});

test('missing tables and columns are listed', async () => {
  await query('DROP TABLE IF EXISTS part; CREATE TABLE part (part_key text, size integer)');
  const tables = [
    { table: 'part', columns: { part_key: 'text', size: 'numeric', color: 'text' } },
    { table: 'whole', columns: { a: 'text' } },
  ];
  expect(await missingColumns(server.url, tables, { signal })).toEqual([
    'column part.size: is integer, declared as numeric',
    'column part.color: not there',
    'table whole: not there',
  ]);
  expect(
    await missingColumns(server.url, [{ table: 'part', columns: { size: 'integer' } }], { signal }),
  ).toEqual([]);
});
