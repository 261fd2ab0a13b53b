import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceExit } from '../../../src/runtime/runtime.ts';
import { dockerOrSkip } from '../../helpers/docker-engine.ts';
import { eventually as soon } from '../../helpers/eventually.ts';
import { DockerProject } from './docker-project.ts';

const engine = await dockerOrSkip();
/** An image that creates its database takes seconds on a busy machine. */
const eventually = <T>(check: () => Promise<T> | T) => soon(check, { withinMs: 120_000 });
const ALL = ['nats', 'postgres', 'api', 'worker'];

describe.skipIf(!engine)('an environment on the docker runtime', { timeout: 300_000 }, () => {
  let project: DockerProject;
  const natsLogin = () => ({
    servers: `127.0.0.1:${project.deployment.ports.nats}`,
    user: 'devenv',
    pass: 's3cr3t-nats',
  });
  const query = async (sql: string) => {
    const client = new pg.Client(
      `postgresql://devenv:s3cr3t-postgres@127.0.0.1:${project.deployment.ports.postgres}/shop`,
    );
    client.on('error', () => undefined);
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };

  beforeAll(async () => {
    project = await DockerProject.create(engine!);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    expect(await project.leftovers()).toEqual([]);
  });

  it('finds engine and Compose', async () => {
    expect((await project.runtime.check(project.signal)).summary).toMatch(/^Docker \d+\..*, Compose \d+\./);
  });

  it('builds the image of the pipeline once', async () => {
    const { runtime, deployment, signal, events } = project;
    const missing = await runtime.missing(deployment, signal);
    expect(missing).toEqual([
      {
        name: expect.stringMatching(/^image devenv\/pipeline:[0-9a-f]{12}$/),
        kind: 'build',
        cause: 'this version of the pipeline has not been built yet',
      },
    ]);
    await project.prepare(deployment, missing);
    expect(events).toContainEqual(expect.objectContaining({ type: 'step-progress', id: 'test' }));
    expect(await runtime.missing(deployment, signal)).toEqual([]);
  });

  it('starts everything, bound to loopback, with the hashes of its definitions', async () => {
    const { runtime, deployment, environment, signal, context } = project;
    await runtime.start(deployment, ALL, context);
    const seen = await runtime.observe(environment, signal);
    expect(seen.map(({ service }) => service).sort()).toEqual([...ALL].sort());
    for (const service of seen) {
      expect(service).toMatchObject({
        state: 'running',
        restarts: 0,
        hash: runtime.definitionHashes(deployment)[service.service],
      });
      expect(service.container).toMatch(/^[0-9a-f]{12}$/);
    }
    expect(Object.assign({}, ...seen.map(({ ports }) => ports))).toEqual(deployment.ports);
    for (const file of ['compose.yaml', 'nats.conf', '.env', 'env/api.env']) {
      expect((await stat(join(environment.stateDir, file))).mode & 0o777).toBe(0o600);
    }
  });

  it('gives services the addresses inside the network and runs them as nobody special', async () => {
    const { env, uid, pid } = await eventually(() => project.ask('api'));
    expect(env).toMatchObject({
      NATS_URL: 'nats://api:s3cr3t-nats@nats:4222',
      DATABASE_URL: 'postgresql://devenv:s3cr3t-postgres@postgres:5432/shop',
      HOST: '0.0.0.0',
      PORT: '8080',
      NATS_STREAM: 'MESSAGES',
    });
    expect({ uid, pid }).toEqual({ uid: 1000, pid: 1 });
  });

  it('keeps data when it is removed without volumes', async () => {
    const { runtime, deployment, environment, context } = project;
    const connection = await eventually(() => connect({ ...natsLogin(), maxReconnectAttempts: 0 }));
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
    await connection.close();
    await eventually(() => query('create table if not exists kept (id int)'));
    const removed = await runtime.remove(environment, { volumes: false }, context);
    expect(removed.filter((line) => line.startsWith('container ')).length).toBe(4);
    expect((await project.leftovers()).every((line) => line.startsWith('volume '))).toBe(true);

    await runtime.start(deployment, ALL, context);
    const again = await eventually(() => connect({ ...natsLogin(), maxReconnectAttempts: 0 }));
    expect((await (await jetstreamManager(again)).streams.info('KEPT')).config.name).toBe('KEPT');
    await again.close();
    expect((await eventually(() => query('select * from kept'))).rows).toEqual([]);
  });

  it('tells a crash and sees the service come back', async () => {
    const { runtime, environment } = project;
    const watching = new AbortController();
    const exits = runtime.exits(environment, watching.signal)[Symbol.asyncIterator]();
    await eventually(() => project.ask('api'));
    await project.ask('api', '/crash').catch(() => undefined);
    const { value } = (await exits.next()) as { value: ServiceExit };
    expect(value).toEqual({ service: 'api', code: 7, signal: null, willRestart: true });
    watching.abort();
    expect(await exits.next()).toEqual({ done: true, value: undefined });
    await eventually(async () =>
      expect(await project.observed('api')).toMatchObject({ state: 'running', restarts: 1 }),
    );
  });

  it('kills and brings back, restarts without telling an exit', async () => {
    const { runtime, environment, signal, context } = project;
    const watching = new AbortController();
    const seen: ServiceExit[] = [];
    const watch = (async () => {
      for await (const exit of runtime.exits(environment, watching.signal)) seen.push(exit);
    })();
    const before = (await project.observed('nats'))!;
    await runtime.restart(environment, ['worker', 'postgres'], context);
    await runtime.kill(environment, 'nats', signal);
    await eventually(() =>
      expect(seen).toEqual([{ service: 'nats', code: null, signal: 'SIGKILL', willRestart: true }]),
    );
    const after = (await project.observed('nats'))!;
    expect(after).toMatchObject({ state: 'running', container: before.container });
    expect(after.startedAt! > before.startedAt!).toBe(true);
    watching.abort();
    await watch;
    await eventually(() => query('select 1'));
  });

  it('replaces only what is named, and what is no longer declared goes', async () => {
    const { runtime, deployment, context } = project;
    const before = (await project.observed('nats'))!;
    const topology = {
      ...deployment.topology,
      services: deployment.topology.services.filter(({ name }) => name !== 'worker'),
    };
    await runtime.start({ ...deployment, topology }, ['api'], context);
    expect(await project.observed('worker')).toBeUndefined();
    expect((await project.observed('nats'))!.container).toBe(before.container);
  });

  it('removes everything, and nothing when nothing is there', async () => {
    const { runtime, environment, context } = project;
    const removed = await runtime.remove(environment, { volumes: true }, context);
    expect(removed).toContain(`network ${environment.id}`);
    expect(removed.filter((line) => line.startsWith('volume ')).length).toBe(2);
    expect(await project.leftovers()).toEqual([]);
    expect(await runtime.remove(environment, { volumes: true }, context)).toEqual([]);
  });
});
