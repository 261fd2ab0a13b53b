import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Topology } from '../../../../src/topology/model.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { freePorts } from '../../../helpers/free-ports.ts';
import { type NatsServerBinary, type RunningNats, startNats } from '../../../helpers/nats-servers.ts';
import { confOf, logInOf } from './created-topology.ts';

/** Real servers with the stores and the accounts of a declaration; one, or a cluster. */
export class LimitedServers implements AsyncDisposable {
  readonly #directory: string;
  readonly #running: RunningNats[] = [];
  readonly #connections = new Map<string, NatsConnection>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * A cluster that starts all at once forms a meta group of two now and then, into which the third is never taken; such
   * a one is started anew.
   */
  static async start(binary: NatsServerBinary, topology: Topology): Promise<LimitedServers> {
    for (let left = 4; ; left -= 1) {
      const servers = new LimitedServers(await mkdtemp(join(tmpdir(), 'devenv-agreement-')));
      try {
        await servers.#start(binary, topology);
        return servers;
      } catch (error) {
        await servers[Symbol.asyncDispose]();
        if (left === 0 || topology.nats.servers === 1) throw error;
      }
    }
  }

  async #start(binary: NatsServerBinary, topology: Topology): Promise<void> {
    const { servers, maxFileStore, maxMemoryStore } = topology.nats;
    const numbers = Array.from({ length: servers }, (_, index) => index + 1);
    const routes = await freePorts(servers);
    await Promise.all(
      numbers.map(async (number, index) => {
        const file = join(this.#directory, `${number}.conf`);
        const cluster =
          servers === 1
            ? ''
            : `server_name: "n${number}"\nserver_tags: ["az:${number}"]\ncluster { name: "agreement", listen: "127.0.0.1:${routes[index]}", routes: [${routes
                .map((port) => `"nats-route://127.0.0.1:${port}"`)
                .join(', ')}] }`;
        await writeFile(
          file,
          `listen: "127.0.0.1:-1"\nhttp: "127.0.0.1:-1"\nlog_file: "${file}.log"\n` +
            `jetstream { store_dir: "${this.#directory}/${number}", max_file_store: ${maxFileStore}, max_memory_store: ${maxMemoryStore} }\n` +
            `${cluster}\n${confOf(topology)}`,
        );
        this.#running.push(await startNats(binary, file, this.#directory));
      }),
    );
    if (servers === 1) return;
    // Every server has to be known to the one that decides.
    await eventually(
      async () => {
        const views = await Promise.all(
          this.#running.map(async ({ monitorUrl }) => (await fetch(`${monitorUrl}/jsz`)).json()),
        );
        const sizes = (
          views as { meta_cluster?: { leader?: string; replicas?: { current: boolean }[] } }[]
        ).map(({ meta_cluster: meta }) => (meta?.replicas ?? []).filter(({ current }) => current).length);
        if (Math.max(...sizes) < servers - 1) throw new Error(`peers that are current: ${sizes.join(', ')}`);
      },
      { withinMs: 8_000 },
    );
  }

  connection = async (account: string): Promise<NatsConnection> => {
    const known = this.#connections.get(account);
    if (known !== undefined) return known;
    const servers = `127.0.0.1:${this.#running[0]!.port}`;
    const connection = await connect({ servers, timeout: 30_000, ...logInOf(account) });
    this.#connections.set(account, connection);
    return connection;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections.values()) await connection.close();
    for (const running of this.#running) await running.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
