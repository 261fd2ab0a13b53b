import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RenderedFile } from '../../../src/render/compose.ts';
import { renderCompose } from '../../../src/render/compose.ts';
import { renderStandalone } from '../../../src/render/compose-standalone.ts';
import { Assets } from '../../../src/runtime/docker/assets.ts';
import { writeRendered } from '../../../src/runtime/docker/rendering.ts';
import type { Nats } from '../../../src/topology/model.ts';
import { dockerLeftovers, dockerOrSkip, removeImages } from '../../helpers/docker-engine.ts';
import { repository } from '../../helpers/sandbox.ts';
import { commandService, DockerProject } from './docker-project.ts';

const engine = await dockerOrSkip();
const PROGRAMS = {
  api: 'pipeline/api',
  worker: 'pipeline/worker',
  migrate: 'pipeline/migrate',
  apply: 'apply',
};

describe.skipIf(!engine)('rendered files under plain Compose', { timeout: 600_000 }, () => {
  let folder: string;
  const compose = (...args: string[]) =>
    execa('docker', ['compose', ...args], { cwd: folder, stdin: 'ignore' });
  const write = (files: readonly RenderedFile[]) => writeRendered(files, folder);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'devenv-rendered-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(['nats', 'postgres', 'api', 'worker'])('compose/%s.yaml is valid alone', async (name) => {
    await compose('-f', join(repository, 'compose', `${name}.yaml`), 'config', '-q');
  });

  it('hostile values reach the services as they are', async () => {
    const hostile = `9$a"b\\c#{} $\{HOME} é=/+%s`;
    await using project = await DockerProject.create(engine!, {
      services: [commandService('echo', '', { environment: { HOSTILE: hostile } })],
    });
    const { deployment } = project;
    const secrets = { ...deployment.secrets, postgres: { user: 'app', password: hostile } };
    const assets = new Assets({
      composeDir: join(repository, 'compose'),
      pipelineDir: folder,
      packageRoot: repository,
    });
    const { files } = renderCompose({
      deployment: { ...deployment, secrets },
      fragments: assets.fragments,
      appImage: '',
      builtImages: {},
      devenvVersion: assets.version,
    });
    await write(files);
    const { services } = JSON.parse((await compose('config', '--format', 'json', '--no-interpolate')).stdout);
    const resolved = JSON.parse((await compose('config', '--format', 'json')).stdout).services;
    // `config` writes dollars doubled, so that its output is a valid file again.
    expect(resolved.postgres.environment.POSTGRES_PASSWORD.replaceAll('$$', '$')).toBe(hostile);
    expect(resolved.echo.environment.HOSTILE.replaceAll('$$', '$')).toBe(hostile);
    expect(services.echo).toBeDefined();
  });

  it.each<[string, Partial<Nats>]>([
    ['one server', {}],
    ['three servers that ask for certificates', { servers: 3, tls: { verifyClients: true } }],
  ])('`generate` gives a pipeline that works without devenv: %s', async (_name, nats) => {
    await using project = await DockerProject.create(engine!, { nats });
    const pipelineDir = join(folder, 'programs');
    await build({
      entryPoints: Object.entries(PROGRAMS).map(([out, path]) => ({
        out,
        in: join(repository, 'src', path, 'main.ts'),
      })),
      ...{
        outdir: pipelineDir,
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node20',
        external: ['pg-native'],
        logLevel: 'silent',
      },
      banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    });
    const { fragments, dockerfile, programs } = new Assets({
      composeDir: join(repository, 'compose'),
      pipelineDir,
      packageRoot: repository,
    });
    const name = basename(folder)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '');
    const topology = {
      ...project.deployment.topology,
      project: name,
      entities: [
        {
          name: 'Order',
          table: 'orders',
          key: ['order_key'],
          fields: [{ name: 'order_key', type: 'text' as const, required: true }],
          derived: [],
        },
      ],
    };
    const sql = [
      { name: '001-extra.sql', content: 'create table extra (id int);\ninsert into extra values (1);' },
    ];
    await write(
      renderStandalone({ ...project.deployment, topology }, { fragments, dockerfile, programs, sql }),
    );
    try {
      await compose('up', '-d', '--wait');
      const api = `http://127.0.0.1:${project.deployment.ports.api}`;
      const posted = await fetch(`${api}/ingest/message`, {
        method: 'POST',
        body: '{"entity_type":"Order","order_key":"O-1"}',
        headers: { 'content-type': 'application/json' },
      });
      expect(posted.status).toBe(202);
      const { message_id } = (await posted.json()) as { message_id: string };
      await expect
        .poll(
          async () =>
            ((await (await fetch(`${api}/ingest/status/${message_id}`)).json()) as { status: string }).status,
          { timeout: 90_000 },
        )
        .toBe('completed');
      expect(await readFile(join(folder, 'compose.yaml'), 'utf8')).toContain('# ');
    } catch (error) {
      const { all } = await execa('docker', ['compose', 'logs', '--tail', '20'], {
        cwd: folder,
        all: true,
        reject: false,
      });
      throw new Error(`${error instanceof Error ? error.message : error}\n${all}`);
    } finally {
      await compose('down', '--volumes', '--remove-orphans');
      await removeImages([`${name}-pipeline`]);
    }
    expect(await dockerLeftovers(name)).toEqual([]);
  });
});
