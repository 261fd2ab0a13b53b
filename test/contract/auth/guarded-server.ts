import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNats } from '../../../src/adapters/nats.ts';
import { tryUsers } from '../../../src/engine/auth.ts';
import type { AuthTrial } from '../../../src/engine/engine.ts';
import { adminAccess } from '../../../src/render/environment.ts';
import { serverConf } from '../../../src/render/nats-server-conf.ts';
import { tlsFiles } from '../../../src/render/tls-files.ts';
import type { Deployment, Secrets } from '../../../src/topology/deployment.ts';
import type { Topology } from '../../../src/topology/model.ts';
import { natsServers } from '../../../src/topology/servers.ts';
import { natsUsers } from '../../../src/topology/users.ts';
import { authDesk } from '../../../src/world/auth-desk.ts';
import { secretsFor } from '../../../src/world/secrets.ts';
import { type NatsServerBinary, startNats } from '../../helpers/nats-servers.ts';

const signal = new AbortController().signal;

/** A real server with the accounts, users and streams of a topology, as devenv configures it. */
export class GuardedServer implements AsyncDisposable {
  readonly deployment: Deployment;
  readonly #stop: () => Promise<void>;

  private constructor(deployment: Deployment, stop: () => Promise<void>) {
    this.deployment = deployment;
    this.#stop = stop;
  }

  /** `edit` is somebody's hand in the rendered nats.conf; `alter` what was made for the server instead of the usual. */
  static async start(
    binary: NatsServerBinary,
    topology: Topology,
    edit: (conf: string) => string = (conf) => conf,
    alter: (secrets: Secrets) => Promise<Secrets> = async (secrets) => secrets,
  ): Promise<GuardedServer> {
    const directory = await mkdtemp(join(tmpdir(), 'devenv-auth-'));
    const environment = { name: 'auth', projectDir: directory, stateDir: directory, id: 'devenv-auth' };
    const deployment: Deployment = {
      environment,
      runtime: 'process',
      topology,
      ports: {},
      secrets: await alter(await secretsFor(topology, null)),
    };
    const [server] = natsServers(topology);
    const conf = serverConf(deployment, server!, {
      host: '127.0.0.1',
      clientPort: -1,
      monitorPort: -1,
      storeDir: join(directory, 'store'),
      tlsFolder: join(directory, 'tls', 'server'),
      version: binary.version,
    });
    for (const { path, content, mode } of tlsFiles(deployment)) {
      await mkdir(join(directory, path, '..'), { recursive: true });
      await writeFile(join(directory, path), content, { mode });
    }
    const file = join(directory, 'nats.conf');
    await writeFile(file, edit(conf), { mode: 0o600 });
    const running = await startNats(binary, file, directory);
    const stop = async () => {
      await running.stop();
      await rm(directory, { recursive: true, force: true });
    };
    const guarded = new GuardedServer({ ...deployment, ports: { nats: running.port } }, stop);
    try {
      await guarded.#declare();
    } catch (error) {
      await stop();
      throw error;
    }
    return guarded;
  }

  /** The streams and consumers of each account. */
  async #declare(): Promise<void> {
    const { accounts, streams, consumers } = this.deployment.topology;
    for (const { name } of accounts.filter((one) => streams.some(({ account }) => account === one.name))) {
      await using client = await connectNats(adminAccess(this.deployment, name), {
        signal,
        timeoutMs: 5_000,
      });
      for (const stream of streams.filter(({ account }) => account === name))
        await client.createStream(stream);
      for (const consumer of consumers.filter(({ account }) => account === name))
        await client.createConsumer(consumer);
    }
  }

  /** Everything that everybody tries, with who tried it. */
  async trials(deployment: Deployment = this.deployment): Promise<(AuthTrial & { user: string })[]> {
    const reports = await tryUsers(authDesk, deployment, natsUsers(deployment.topology), signal);
    return reports.flatMap(({ user, trials }) => trials.map((trial) => ({ user, ...trial })));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}

/** `worker publish a.b: expected denied, seen allowed` */
export const wrong = (trials: readonly (AuthTrial & { user: string })[]): string[] =>
  trials
    .filter(({ expected, seen }) => seen !== 'skipped' && seen !== expected)
    .map(
      ({ user, deed, subject, expected, seen }) =>
        `${user} ${deed} ${subject}: expected ${expected}, seen ${seen}`,
    );
