import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { LiveFacts } from '../../../../src/doctor/facts.ts';
import type { Finding } from '../../../../src/doctor/finding.ts';
import { runLive } from '../../../../src/doctor/run.ts';
import { serverConf } from '../../../../src/render/nats-server-conf.ts';
import { layoutOf, natsStoreOf } from '../../../../src/runtime/process/layout.ts';
import type { LogLine, Runtime } from '../../../../src/runtime/runtime.ts';
import type { Deployment } from '../../../../src/topology/deployment.ts';
import type { Topology } from '../../../../src/topology/model.ts';
import { natsServers as serversOf } from '../../../../src/topology/servers.ts';
import { gatherLiveFacts } from '../../../../src/world/live-facts.ts';
import { freePorts } from '../../../helpers/free-ports.ts';
import type { NatsServerBinary } from '../../../helpers/nats-servers.ts';
import { someNats, someSecrets, someTopology } from '../../../helpers/topology.ts';
import { type RunningProgram, runProgram } from '../../../helpers/typescript-program.ts';

const MIB = 1024 ** 2;
export const PASSWORD = 'nats';

/** A topology without services, whose server is small. */
export const smallTopology = (parts: Partial<Topology> = {}): Topology =>
  someTopology({
    services: [],
    consumers: [],
    streams: [],
    ...parts,
    nats: { ...someNats, maxMemoryStore: 16 * MIB, maxFileStore: 64 * MIB, ...parts.nats },
  });

/**
 * Real servers of one version behind a hand-made deployment, with the configuration that devenv renders and the store
 * where the process runtime has it. What stands in for the runtime tells their log and nothing else.
 */
export class Stand implements AsyncDisposable {
  readonly binary: NatsServerBinary;
  #deployment: Deployment;
  readonly #programs = new Map<string, RunningProgram>();
  readonly #log: LogLine[] = [];
  readonly #connections: NatsConnection[] = [];
  #startedAt = '';

  private constructor(binary: NatsServerBinary, deployment: Deployment) {
    this.binary = binary;
    this.#deployment = deployment;
  }

  static async start(
    binary: NatsServerBinary,
    topology: Topology,
    /** How to start a server instead: a command before its own, a changed configuration. */
    how: StartOptions = {},
  ): Promise<Stand> {
    const projectDir = await mkdtemp(join(tmpdir(), 'devenv-live-'));
    const names = serversOf(topology).flatMap(({ clientPort, monitorPort, routePort }) =>
      [clientPort, monitorPort, routePort].filter((name) => name !== undefined),
    );
    const free = await freePorts(names.length);
    const stand = new Stand(binary, {
      environment: {
        name: 'live',
        projectDir,
        stateDir: join(projectDir, '.devenv', 'live'),
        id: 'devenv-live-1',
      },
      runtime: 'process',
      topology,
      ports: Object.fromEntries(names.map((name, at) => [name, free[at]!])),
      secrets: someSecrets(topology, PASSWORD),
    });
    try {
      await stand.startServers(how);
    } catch (error) {
      await stand[Symbol.asyncDispose]();
      throw error;
    }
    return stand;
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  /** As if it had been declared so: for what is looked for, and for servers that are started from now on. */
  declare(parts: Partial<Topology>): void {
    this.#deployment = { ...this.#deployment, topology: { ...this.#deployment.topology, ...parts } };
  }

  async startServers({ before = [], changed = (conf) => conf, only }: StartOptions = {}): Promise<void> {
    const { environment, topology, ports } = this.#deployment;
    this.#startedAt = new Date(Date.now() - 1).toISOString();
    const servers = serversOf(topology);
    for (const server of servers) {
      if (only !== undefined && !only.includes(server.service)) continue;
      const storeDir = natsStoreOf(layoutOf(environment), server.service);
      await mkdir(storeDir, { recursive: true });
      const conf = serverConf(this.#deployment, server, {
        host: '127.0.0.1',
        clientPort: ports[server.clientPort]!,
        monitorPort: ports[server.monitorPort]!,
        storeDir,
        tlsFolder: environment.stateDir,
        version: this.binary.version,
        ...(server.routePort !== undefined && {
          route: {
            port: ports[server.routePort]!,
            peers: servers.map(({ routePort }) => `127.0.0.1:${ports[routePort!]}`),
          },
        }),
      });
      const file = join(environment.stateDir, `${server.service}.conf`);
      await writeFile(file, changed(conf));
      const [program, ...args] = [
        ...before.map((word) => word.replace('STORE', storeDir)),
        this.binary.path,
        '-c',
        file,
      ];
      const running = runProgram(program!, args);
      running.child.stderr?.on('data', (text: string) => {
        for (const line of text.split('\n').filter((each) => each !== ''))
          this.#log.push({ service: server.service, at: new Date().toISOString(), text: line });
      });
      this.#programs.set(server.service, running);
    }
  }

  async stop(service: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const program = this.#programs.get(service);
    this.#programs.delete(service);
    program?.child.kill(signal);
    await program?.exit;
  }

  pid(service: string): number {
    return this.#programs.get(service)!.pid;
  }

  /** A client as a program of the user would be. Tried until the server is there. */
  async client(user = 'devenv', { name = 'someone', password = PASSWORD } = {}): Promise<NatsConnection> {
    const servers = serversOf(this.#deployment.topology).map(
      ({ clientPort }) => `127.0.0.1:${this.#deployment.ports[clientPort]}`,
    );
    const connection = await until(() =>
      connect({ servers, user, pass: password, name, reconnect: false, ignoreClusterUpdates: true }),
    );
    this.#connections.push(connection);
    return connection;
  }

  async jetstream(user = 'devenv', name = 'someone') {
    const connection = await this.client(user, { name });
    const manager = await jetstreamManager(connection, { checkAPI: false });
    return { connection, manager, client: jetstream(connection) };
  }

  /** One look, as the doctor takes it. */
  look(timeoutMs = 4_000): Promise<LiveFacts> {
    return gatherLiveFacts(this.#deployment, this.#runtime(), {
      signal: new AbortController().signal,
      timeoutMs,
    });
  }

  /** What the rules of these ids say now. */
  async findings(...ids: string[]): Promise<Finding[]> {
    return runLive(await this.look()).filter(({ rule }) => ids.includes(rule));
  }

  #runtime(): Runtime {
    const log = this.#log;
    const startedAt = this.#startedAt;
    const services = [...this.#programs].map(([service, { pid }]) => ({
      service,
      state: 'running' as const,
      pid,
      restarts: 0,
      startedAt,
    }));
    return {
      kind: 'process',
      observe: async () => services,
      async *logs() {
        yield* log;
      },
    } as Partial<Runtime> as Runtime;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) await connection.close().catch(() => undefined);
    for (const service of this.#programs.keys()) await this.stop(service);
    await rm(this.#deployment.environment.projectDir, { recursive: true, force: true });
  }
}

export interface StartOptions {
  /** Words before the server's own command; `STORE` is its store folder. */
  before?: readonly string[];
  changed?(conf: string): string;
  only?: readonly string[];
}

/** Tries until it works, for as long as a server takes to start on a busy machine. */
export async function until<T>(attempt: () => Promise<T>, withinMs = 60_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

/** Looks until the rules say something that fits; fails with what they said last. */
export async function found(
  look: () => Promise<Finding[]>,
  fits: (finding: Finding) => boolean,
): Promise<Finding> {
  return until(async () => {
    const findings = await look();
    const finding = findings.find(fits);
    if (finding === undefined) throw new Error(`the rules said: ${JSON.stringify(findings, null, 1)}`);
    return finding;
  });
}
