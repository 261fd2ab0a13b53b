import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment } from '../../../src/topology/deployment.ts';
import { serviceNames } from '../../../src/topology/deployment.ts';
import {
  byName,
  eventually,
  IDLE,
  type ProcessWorld,
  processesOf,
  processWorld,
  scripted,
} from './support/process-world.ts';

let world: ProcessWorld;
beforeAll(async () => {
  world = await processWorld();
  const deployment = await world.deployment('prepare');
  const missing = await world.runtime.missing(deployment, world.signal);
  await world.runtime.prepare(deployment, missing, world.context);
});
afterAll(() => world[Symbol.asyncDispose]());

const start = (deployment: Deployment, services = serviceNames(deployment.topology)) =>
  world.runtime.start(deployment, services, world.context);
const observe = ({ environment }: Deployment) => world.runtime.observe(environment, world.signal);
const remove = ({ environment }: Deployment, volumes = true) =>
  world.runtime.remove(environment, { volumes }, world.context);

async function query(deployment: Deployment, sql: string, database = 'pipeline'): Promise<unknown[]> {
  const { user, password } = deployment.secrets.postgres;
  return eventually(async () => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: deployment.ports.postgres!,
      user,
      password,
      database,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query(sql)).rows;
    } catch (error) {
      // Recovering after a kill; anything else is the answer.
      if (/ECONNREFUSED|starting up|not yet accepting|terminated/.test(String(error))) return undefined;
      throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

/** The INFO line that nats-server greets with; throws when nobody listens. */
async function greeting(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString();
  } finally {
    socket.destroy();
  }
}

async function expectNothingLeft(deployment: Deployment): Promise<void> {
  expect(await observe(deployment)).toEqual([]);
  expect(await processesOf(deployment.environment)).toEqual([]);
  for (const port of Object.values(deployment.ports))
    await expect(greeting(port)).rejects.toThrow(/ECONNREFUSED/);
  const left = await readdir(deployment.environment.stateDir).catch(() => []);
  expect(left.filter((name) => name !== 'data' && name !== 'logs')).toEqual([]);
}

test('starts everything, shows it, and removes it without a trace', async () => {
  const deployment = await world.deployment('whole', [
    scripted(
      'api',
      `require('http').createServer((q,s)=>s.end(process.env.DATABASE_URL)).listen(process.env.PORT, process.env.HOST)`,
      {
        port: { container: 8080, preferred: 8080 },
      },
    ),
  ]);
  // Private, as under /root: as root, the data of Postgres go where its account can reach them.
  await chmod(deployment.environment.stateDir, 0o700);
  await start(deployment);
  expect(existsSync(join(world.dir, 'var-lib'))).toBe(process.getuid?.() === 0);
  const observed = await observe(deployment);
  expect(observed.map(({ service, state }) => `${service} ${state}`).sort()).toEqual([
    'api running',
    'nats running',
    'postgres running',
  ]);
  const hashes = world.runtime.definitionHashes(deployment);
  for (const { service, hash } of observed) expect(hash).toBe(hashes[service]);
  expect(byName(observed, 'nats')?.ports).toEqual({
    nats: deployment.ports.nats,
    'nats-monitor': deployment.ports['nats-monitor'],
  });
  expect(await greeting(deployment.ports.nats!)).toContain('"auth_required":true');
  expect(await query(deployment, 'select current_user, current_database()')).toEqual([
    { current_user: 'devenv', current_database: 'pipeline' },
  ]);
  const answer = await eventually(() =>
    fetch(`http://127.0.0.1:${deployment.ports.api}`).then(
      (response) => response.text(),
      () => undefined,
    ),
  );
  expect(answer).toBe(`postgresql://devenv:p-whole@127.0.0.1:${deployment.ports.postgres}/pipeline`);

  for (const file of [
    'run/control.sock',
    'run/supervisor.json',
    'run/processes.json',
    'nats.conf',
    'logs/nats.log',
  ]) {
    const { mode } = await stat(join(deployment.environment.stateDir, file));
    expect(`${file} ${(mode & 0o777).toString(8)}`).toBe(`${file} 600`);
  }
  for (const pid of await processesOf(deployment.environment)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'latin1');
    expect(command).not.toMatch(/[np]-whole/);
  }
  const removed = await remove(deployment);
  expect(removed.join('\n')).toMatch(/nats \(pid \d+\)/);
  await expectNothingLeft(deployment);
  expect(await remove(deployment)).toEqual([]);
  expect(await readdir(world.dir)).not.toContain('var-lib');
});

test('refuses a wrong password, and takes the new one after the secrets changed', async () => {
  const deployment = await world.deployment('password');
  await start(deployment, ['postgres']);
  await query(deployment, 'create table kept (n int)');
  const changed: Deployment = {
    ...deployment,
    secrets: { ...deployment.secrets, postgres: { user: 'devenv', password: `it's "new" \\ $1` } },
    topology: {
      ...deployment.topology,
      postgres: { ...deployment.topology.postgres, database: 'second "one"' },
    },
  };
  await expect(query(changed, 'select 1')).rejects.toThrow(/password authentication failed/);
  expect(world.runtime.definitionHashes(changed).postgres).not.toBe(
    world.runtime.definitionHashes(deployment).postgres,
  );
  await start(changed, ['postgres']);
  expect(await query(changed, 'select 1 as one', 'second "one"')).toEqual([{ one: 1 }]);
  expect(await query(changed, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
  await expect(query(deployment, 'select 1')).rejects.toThrow(/password authentication failed/);
  await remove(deployment);
});

test.each(['nats', 'postgres', 'idle'])('brings %s back after a SIGKILL from outside', async (service) => {
  const deployment = await world.deployment(`killed-${service}`, [scripted('idle', IDLE)]);
  await start(deployment);
  const exits = world.runtime.exits(deployment.environment, world.signal)[Symbol.asyncIterator]();
  const before = byName(await observe(deployment), service)!;
  process.kill(before.pid!, 'SIGKILL');
  expect((await exits.next()).value).toEqual({ service, code: null, signal: 'SIGKILL', willRestart: true });
  const after = await eventually(async () => {
    const seen = byName(await observe(deployment), service);
    return seen?.state === 'running' && seen.restarts > 0 && seen;
  });
  expect(after.restarts).toBe(1);
  expect(after.pid).not.toBe(before.pid);
  expect(after.lastExit).toMatchObject({ code: null, signal: 'SIGKILL' });
  if (service === 'postgres') expect(await query(deployment, 'select 1 as one')).toEqual([{ one: 1 }]);
  if (service === 'nats') await eventually(() => greeting(deployment.ports.nats!).catch(() => undefined));
  await exits.return?.();
  await remove(deployment);
});

test('keeps data over a removal without volumes, and over the death of everything', async () => {
  const deployment = await world.deployment('kept');
  await start(deployment);
  await query(deployment, 'create table kept as select 1 as n');
  await remove(deployment, false);
  await start(deployment);
  expect(await query(deployment, 'select n from kept')).toEqual([{ n: 1 }]);
  await query(deployment, 'insert into kept values (2)');
  // The supervisor first, so that it cannot bring anything back.
  const pids = await processesOf(deployment.environment);
  const supervisor = Number(
    JSON.parse(await readFile(join(deployment.environment.stateDir, 'run/supervisor.json'), 'utf8')).pid,
  );
  for (const pid of [supervisor, ...pids.filter((pid) => pid !== supervisor)]) process.kill(pid, 'SIGKILL');
  await start(deployment);
  expect(await query(deployment, 'select n from kept order by n')).toEqual([{ n: 1 }, { n: 2 }]);
  await remove(deployment);
  await expectNothingLeft(deployment);
});

test('two environments run side by side and go one at a time', async () => {
  const [left, right] = [await world.deployment('left'), await world.deployment('right')];
  await Promise.all([start(left), start(right)]);
  expect(await observe(left)).toHaveLength(2);
  await remove(left);
  await expectNothingLeft(left);
  expect((await observe(right)).map(({ state }) => state)).toEqual(['running', 'running']);
  expect(await query(right, 'select 1 as one')).toEqual([{ one: 1 }]);
  await remove(right);
  await expectNothingLeft(right);
});

test('replaces what is named and removes what is no longer declared', async () => {
  const deployment = await world.deployment('changed', [scripted('first', IDLE), scripted('second', IDLE)]);
  await start(deployment, ['nats', 'first', 'second']);
  const before = await observe(deployment);
  const { services, ...topology } = deployment.topology;
  const next = {
    ...deployment,
    topology: { ...topology, services: services.filter(({ name }) => name === 'first') },
  };
  await start(next, ['first']);
  const after = await observe(next);
  expect(after.map(({ service }) => service).sort()).toEqual(['first', 'nats']);
  expect(byName(after, 'nats')?.pid).toBe(byName(before, 'nats')?.pid);
  expect(byName(after, 'first')?.pid).not.toBe(byName(before, 'first')?.pid);
  await world.runtime.restart(next.environment, ['nats'], world.context);
  const restarted = byName(await observe(next), 'nats')!;
  expect(restarted).toMatchObject({ state: 'running', restarts: 0 });
  expect(restarted.pid).not.toBe(byName(before, 'nats')?.pid);
  await remove(next);
});
