import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDockerRuntime } from '../../../src/runtime/docker/docker-runtime.ts';
import { repository } from '../../helpers/sandbox.ts';

/** An engine's answer to GET /version, at a socket of the test's own; the rest of the machine does not matter here. */
describe('check of the docker runtime', () => {
  let folder: string;
  let server: Server | undefined;
  const socket = () => join(folder, 'docker.sock');
  const signal = new AbortController().signal;
  const check = (env: NodeJS.ProcessEnv = {}) =>
    createDockerRuntime({
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        XDG_CACHE_HOME: folder,
        DOCKER_CONFIG: folder,
        DOCKER_HOST: `unix://${socket()}`,
        ...env,
      },
      composeDir: join(repository, 'compose'),
      pipelineDir: folder,
      packageRoot: repository,
    }).check(signal);
  const listen = async (answer: object) => {
    server = createServer((_, response) => response.end(JSON.stringify(answer)));
    await new Promise<void>((resolve) => server!.listen(socket(), resolve));
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'devenv-check-'));
  });
  afterEach(async () => {
    if (server) await new Promise((resolve) => server!.close(resolve));
    server = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it('says that there is no engine', async () => {
    await expect(check()).rejects.toMatchObject({
      code: 'DOCKER_ABSENT',
      exit: 3,
      message: expect.stringContaining(socket()),
      hint: expect.stringContaining('--runtime process'),
    });
  });

  it('says that the engine is too old', async () => {
    await listen({ Version: '19.03.15', ApiVersion: '1.40' });
    await expect(check()).rejects.toMatchObject({
      code: 'DOCKER_TOO_OLD',
      message: 'Docker 19.03.15 speaks API 1.40; devenv needs 1.41 (Docker 20.10) or newer.',
    });
  });

  it('says that Compose is not installed', async () => {
    await listen({ Version: '20.10.24', ApiVersion: '1.41' });
    await expect(check({ PATH: folder })).rejects.toMatchObject({ code: 'COMPOSE_ABSENT' });
  });

  it('refuses an engine on another machine', async () => {
    await expect(check({ DOCKER_HOST: 'tcp://10.0.0.7:2375' })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
    });
    await expect(check({ DOCKER_HOST: 'ssh://me@build' })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
    });
  });

  it('says that a docker context does not exist', async () => {
    await expect(check({ DOCKER_HOST: '', DOCKER_CONTEXT: 'gone' })).rejects.toMatchObject({
      code: 'DOCKER_ABSENT',
      message: expect.stringContaining('"gone"'),
    });
  });
});
