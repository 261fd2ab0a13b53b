import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkNats, connectNats } from '../../../src/adapters/nats.ts';
import { adminAccess, toServer } from '../../../src/render/environment.ts';
import type { Deployment } from '../../../src/topology/deployment.ts';
import { natsServers } from '../../../src/topology/servers.ts';
import { stream } from '../../helpers/topology.ts';
import { byName, eventually, type ProcessWorld, processesOf, processWorld } from './support/process-world.ts';

const SERVERS = ['nats-1', 'nats-2', 'nats-3'];
const CLUSTER = { servers: 3, tls: { verifyClients: true } };
const ELECTION = { timeoutMs: 90_000 };

let world: ProcessWorld;
beforeAll(async () => {
  world = await processWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const start = (deployment: Deployment, services: readonly string[] = SERVERS) =>
  world.runtime.start(deployment, services, world.context);
const observe = ({ environment }: Deployment) => world.runtime.observe(environment, world.signal);
const remove = ({ environment }: Deployment, volumes = true) =>
  world.runtime.remove(environment, { volumes }, world.context);
const bounds = () => ({ signal: AbortSignal.timeout(60_000), timeoutMs: 10_000 });

/** JetStream answers through each server by itself. */
const answered = (deployment: Deployment) =>
  eventually(async () => {
    const access = adminAccess(deployment);
    const checks = access.servers.map((server) => checkNats(toServer(access, server), bounds()));
    return (await Promise.all(checks)).every(({ ready }) => ready);
  }, ELECTION);

const admin = (deployment: Deployment) => connectNats(adminAccess(deployment), bounds());
/** The deployment with another number of servers, on the ports that it has and some more. */
const resized = (deployment: Deployment, larger: Deployment, servers: number): Deployment => ({
  ...deployment,
  ports: { ...larger.ports, ...deployment.ports },
  topology: { ...deployment.topology, nats: { ...deployment.topology.nats, servers } },
});

test('three servers with certificates start, replicate, take over, and go without a trace', async () => {
  const deployment = await world.deployment('three', [], CLUSTER);
  await start(deployment);
  const observed = await observe(deployment);
  expect(observed.map(({ service }) => service).sort()).toEqual(SERVERS);
  for (const { service, clientPort, monitorPort, routePort } of natsServers(deployment.topology)) {
    const { ports } = deployment;
    expect(byName(observed, service)?.ports).toEqual({
      [clientPort]: ports[clientPort],
      [monitorPort]: ports[monitorPort],
      [routePort!]: ports[routePort!],
    });
  }
  await answered(deployment);
  {
    await using nats = await admin(deployment);
    const created = () =>
      nats.createStream({ ...stream('KEPT', 'kept'), maxBytes: 1 << 20, replicas: 3 }).catch(() => undefined);
    await eventually(created, ELECTION);
    await nats.publish('kept', 'one');
    const leadership = await eventually(async () => {
      const seen = await nats.leadership('KEPT', 1_000);
      return seen?.copies.every(({ current }) => current) && seen;
    }, ELECTION);
    const names = [leadership.leader, ...leadership.copies.map(({ server }) => server)];
    expect(names.sort()).toEqual([1, 2, 3].map((number) => `${deployment.environment.id}-${number}`));
  }
  for (const [file, mode] of [
    ['nats-2.conf', '600'],
    ['tls', '700'],
    ['tls/server/key.pem', '600'],
    ['tls/client/key.pem', '600'],
    ['logs/nats-3.log', '600'],
  ] as const) {
    const found = (await stat(join(deployment.environment.stateDir, file))).mode & 0o777;
    expect(`${file} ${found.toString(8)}`).toBe(`${file} ${mode}`);
  }
  expect((await remove(deployment)).join('\n')).toMatch(/nats-1 .*nats-2 .*nats-3 /s);
  expect(await processesOf(deployment.environment)).toEqual([]);
  expect(await readdir(deployment.environment.stateDir)).toEqual([]);
});

test('refuses a client without a certificate, and one that trusts another authority', async () => {
  const deployment = await world.deployment('refuses', [], { servers: 1, tls: { verifyClients: true } });
  await start(deployment, ['nats']);
  const access = adminAccess(deployment);
  await eventually(async () => (await checkNats(access, bounds())).ready);
  const { ca } = access.tls!;
  const foreign = (await world.deployment('foreign', [], { tls: { verifyClients: true } })).secrets.tls!;
  for (const tls of [
    { ca },
    { ca, ...foreign.client },
    { ca: foreign.ca, ...deployment.secrets.tls!.client },
  ])
    expect(await checkNats({ ...access, tls }, bounds())).toMatchObject({ ready: false });
  expect(await checkNats(access, bounds())).toMatchObject({ ready: true });
  await remove(deployment);
});

test('one of three can be killed and restarted by its name', async () => {
  const deployment = await world.deployment('one-of-three', [], { servers: 3 });
  await start(deployment);
  await answered(deployment);
  const before = await observe(deployment);
  const { environment } = deployment;
  await world.runtime.kill(environment, 'nats-2', world.signal);
  await eventually(async () => (byName(await observe(deployment), 'nats-2')?.restarts ?? 0) > 0);
  await world.runtime.restart(environment, ['nats-3'], world.context);
  const after = await observe(deployment);
  const changed = SERVERS.filter((name) => byName(before, name)?.pid !== byName(after, name)?.pid);
  expect(changed).toEqual(['nats-2', 'nats-3']);
  await answered(deployment);
  await remove(deployment);
});

test('says PORT_TAKEN when a route lost its port', async () => {
  const deployment = await world.deployment('route-taken', [], { servers: 3 });
  // The other servers try to connect to it.
  const thief = createServer((socket) => socket.destroy()).listen(
    deployment.ports['nats-2-route'],
    '127.0.0.1',
  );
  await once(thief, 'listening');
  const error = await start(deployment).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'PORT_TAKEN', details: ['nats-2-route'] });
  await eventually(async () => (await processesOf(deployment.environment)).length === 0);
  thief.close();
  await once(thief, 'close');
  await remove(deployment);
});

test('streams stay where they are when the number of servers changes, and it says so', async () => {
  const alone = await world.deployment('resized', [], {});
  const five = await world.deployment('resized', [], { servers: 5 });
  const cluster = resized(alone, five, 3);
  const notes = () => world.events.flatMap((event) => (event.type === 'note' ? [event.text] : []));
  await start(alone, ['nats']);
  await eventually(async () => (await checkNats(adminAccess(alone), bounds())).ready);
  {
    await using nats = await admin(alone);
    await nats.createStream({ ...stream('KEPT', 'kept'), maxBytes: 1 << 20 });
  }
  expect(notes().join()).not.toContain('nats.servers');
  await start(cluster);
  expect(notes().at(-1)).toMatch(/nats.servers is 3 now.*starts empty/);
  expect((await observe(cluster)).map(({ service }) => service).sort()).toEqual(SERVERS);
  await answered(cluster);
  {
    await using nats = await admin(cluster);
    expect(await nats.listStreams()).toEqual([]);
  }
  world.events.length = 0;
  await start(alone, ['nats']);
  await eventually(async () => (await checkNats(adminAccess(alone), bounds())).ready);
  {
    await using nats = await admin(alone);
    expect((await nats.listStreams()).map(({ name }) => name)).toEqual(['KEPT']);
  }
  expect(notes()).toEqual([]);
  await remove(alone, false);
  expect(existsSync(join(alone.environment.stateDir, 'nats-3.conf'))).toBe(false);

  const larger = resized(alone, five, 5);
  await start(larger, [...SERVERS, 'nats-4', 'nats-5']);
  const running = (await observe(larger)).map(({ pid }) => pid);
  await expect(start(cluster)).rejects.toMatchObject({ code: 'TOPOLOGY_CONFLICT' });
  expect((await observe(larger)).map(({ pid }) => pid)).toEqual(running);
  await remove(larger);
});
