import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkPostgres } from '../../../src/adapters/postgres.ts';
import type { ServiceExit } from '../../../src/runtime/runtime.ts';
import type { Deployment } from '../../../src/topology/deployment.ts';
import { dockerOrSkip } from '../../helpers/docker-engine.ts';
import { eventually } from '../../helpers/eventually.ts';
import { commandService, DockerProject } from './docker-project.ts';

const engine = await dockerOrSkip();

describe.skipIf(!engine)('what goes wrong on the docker runtime', { timeout: 300_000 }, () => {
  let project: DockerProject;
  const create = async (
    ...args: Parameters<typeof DockerProject.create> extends [unknown, ...infer Rest] ? Rest : never
  ) => {
    project = await DockerProject.create(engine!, ...args);
    return project;
  };
  afterEach(async () => {
    await project[Symbol.asyncDispose]();
    expect(await project.leftovers()).toEqual([]);
  });

  it('names the port that was taken between choice and bind, and leaves nothing running', async () => {
    const { runtime, deployment, environment, signal, context } = await create({ services: [] });
    const holder = createServer();
    await new Promise<void>((resolve) =>
      holder.listen(deployment.ports['nats-monitor'], '127.0.0.1', resolve),
    );
    try {
      await expect(runtime.start(deployment, ['nats', 'postgres'], context)).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        details: ['nats-monitor'],
      });
      expect(await runtime.observe(environment, signal)).toEqual([]);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
    await runtime.start(deployment, ['nats'], context);
    expect(await project.observed('nats')).toMatchObject({ state: 'running' });
  });

  it('tells a service that exits at once, with its last lines', async () => {
    const dies = commandService(
      'dies',
      'console.log("one"); console.error("no such table"); process.exit(3)',
    );
    const { runtime, environment, context } = await create({ services: [dies] });
    const watching = new AbortController();
    const exits = runtime.exits(environment, watching.signal)[Symbol.asyncIterator]();
    await project.up('dies');
    const { value } = (await exits.next()) as { value: ServiceExit };
    watching.abort();
    expect(value).toEqual({ service: 'dies', code: 3, signal: null, willRestart: true });
    const lines: string[] = [];
    for await (const { service, text } of runtime.logs(
      environment,
      { services: ['dies'], follow: false },
      context.signal,
    )) {
      lines.push(`${service} ${text}`);
    }
    expect(lines.slice(0, 2).sort()).toEqual(['dies no such table', 'dies one']);
  });

  it('says that a folder to mount does not exist', async () => {
    const source = { kind: 'command', command: ['node', '-v'], cwd: '/no/such/folder' } as const;
    await create({ services: [commandService('absent', '', { source })] });
    await expect(project.up('absent')).rejects.toMatchObject({
      code: 'COMPOSE_FAILED',
      message: expect.stringContaining('/no/such/folder'),
    });
    expect(await project.observed('absent')).toBeUndefined();
  });

  it('says which image cannot be had, why, and which setting replaces it', async () => {
    const { deployment, runtime, signal, context } = await create({ services: [] });
    const nats = { ...deployment.topology.nats, image: '127.0.0.1:1/nowhere/nats:0' };
    const broken: Deployment = { ...deployment, topology: { ...deployment.topology, nats } };
    const missing = await runtime.missing(broken, signal);
    expect(missing).toEqual([
      {
        name: 'image 127.0.0.1:1/nowhere/nats:0',
        kind: 'image',
        cause: 'no image of that name on this engine',
      },
    ]);
    await expect(runtime.prepare(broken, missing, context)).rejects.toMatchObject({
      code: 'IMAGE_UNAVAILABLE',
      message: expect.stringMatching(
        /^The image 127\.0\.0\.1:1\/nowhere\/nats:0 cannot be had: .*(refused|dial)/,
      ),
      hint: expect.stringContaining('DEVENV_NATS_IMAGE'),
    });
  });

  it('builds a Dockerfile of the user, and tells why it cannot', async () => {
    const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
    const context = await mkdtemp(join(tmpdir(), 'devenv-context-'));
    try {
      await writeFile(
        `${context}/Dockerfile`,
        `FROM ${engine!.images.node}\nCMD ["node", "-e", "setInterval(() => {}, 1e9)"]\n`,
      );
      const built = commandService('built', '', { source: { kind: 'build', context } });
      const { deployment, runtime, signal } = await create({ services: [built] });
      await project.up('built');
      expect(await project.observed('built')).toMatchObject({ state: 'running' });
      expect(await runtime.missing(deployment, signal)).toEqual([]);

      await writeFile(`${context}/Dockerfile`, `FROM ${engine!.images.node}\nCOPY absent.txt /\n`);
      const changed: Deployment = { ...deployment };
      const missing = await runtime.missing(changed, signal);
      expect(missing).toMatchObject([{ kind: 'build' }]);
      await expect(runtime.prepare(changed, missing, project.context)).rejects.toMatchObject({
        code: 'BUILD_FAILED',
        message: expect.stringContaining('absent.txt'),
      });
    } finally {
      await rm(context, { recursive: true, force: true });
    }
  });

  it('ends promptly when it is interrupted, and remove clears what was begun', async () => {
    const { deployment, runtime, context } = await create({ services: [] });
    const interrupted = new AbortController();
    const reason = new Error('interrupted');
    const starting = runtime.start(deployment, ['nats', 'postgres'], {
      ...context,
      signal: interrupted.signal,
    });
    setTimeout(() => interrupted.abort(reason), 400);
    await expect(starting).rejects.toBe(reason);
  });

  it('does not keep a database whose making was cut short: it would never start again', async () => {
    const { deployment, runtime, environment, context } = await create({ services: [] });
    const query = { services: ['postgres'], follow: true };
    const making = async () => {
      for await (const { text } of runtime.logs(environment, query, context.signal))
        if (text.includes('will be owned by user')) return;
    };
    await runtime.start(deployment, ['postgres'], context);
    await making();
    const removed = await runtime.remove(environment, { volumes: false }, context);
    expect(removed).toContainEqual(expect.stringMatching(/^volume .*postgres-data$/));

    await runtime.start(deployment, ['postgres'], context);
    const url = `postgresql://devenv:s3cr3t-postgres@127.0.0.1:${deployment.ports.postgres}/shop`;
    await eventually(
      async () =>
        expect(await checkPostgres(url, { signal: context.signal, timeoutMs: 10_000 })).toMatchObject({
          ready: true,
        }),
      { withinMs: 120_000 },
    );
    expect(await runtime.remove(environment, { volumes: false }, context)).not.toContainEqual(
      expect.stringMatching(/^volume /),
    );
  });
});
