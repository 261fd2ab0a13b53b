import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { DevenvEvent } from '../../../../src/events.ts';
import {
  createProcessRuntime,
  type ProcessRuntimeOptions,
} from '../../../../src/runtime/process/process-runtime.ts';
import type { ObservedService, Runtime, StepContext } from '../../../../src/runtime/runtime.ts';
import type { Deployment, Environment } from '../../../../src/topology/deployment.ts';
import type { Nats, Service, Topology } from '../../../../src/topology/model.ts';
import { natsServers } from '../../../../src/topology/servers.ts';
import { newTlsMaterial } from '../../../../src/world/tls.ts';
import { freePorts } from '../../../helpers/free-ports.ts';
import { someNats, someSecrets, someService, someTopology } from '../../../helpers/topology.ts';

const root = resolve(import.meta.dirname, '../../../..');

export interface ProcessWorld extends AsyncDisposable {
  dir: string;
  runtime: Runtime;
  events: DevenvEvent[];
  context: StepContext;
  signal: AbortSignal;
  /** A deployment of its own on free ports; the same name gives the same environment. */
  deployment(name: string, services?: readonly Service[], nats?: Partial<Nats>): Promise<Deployment>;
  anotherRuntime(options: Partial<ProcessRuntimeOptions>): Runtime;
}

/** A project folder, a supervisor bundled from the sources, and a runtime on them. Removes what its tests left. */
export async function processWorld(parent: string = tmpdir()): Promise<ProcessWorld> {
  const dir = await mkdtemp(join(parent, 'devenv-process-'));
  // As /var/lib is: the account of Postgres gets through, not into.
  await chmod(dir, 0o711);
  const dist = join(dir, 'dist');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/runtime/process/supervisor/main.ts'],
    outfile: join(dist, 'supervisor.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'error',
  });
  const pipelineDir = join(dist, 'pipeline');
  await mkdir(pipelineDir);
  const options: ProcessRuntimeOptions = {
    env: process.env,
    supervisorProgram: join(dist, 'supervisor.js'),
    pipelineDir,
    machine: { machineDataDir: join(dir, 'var-lib') },
  };
  const runtime = createProcessRuntime(options);
  const events: DevenvEvent[] = [];
  const signal = new AbortController().signal;
  const context: StepContext = { stepId: 'step', emit: (event) => void events.push(event), signal };
  const environments: Environment[] = [];
  return {
    dir,
    runtime,
    events,
    context,
    signal,
    anotherRuntime: (changes) => createProcessRuntime({ ...options, ...changes }),
    async deployment(name, services = [], nats = {}) {
      const projectDir = join(dir, 'project');
      const stateDir = join(projectDir, '.devenv', name);
      const id = `devenv-${name}-${dir
        .slice(-6)
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, 'x')}`;
      const environment = { name, projectDir, stateDir, id };
      await mkdir(stateDir, { recursive: true });
      environments.push(environment);
      const topology = topologyOf(services, nats);
      const names = [
        ...natsServers(topology).flatMap(({ clientPort, monitorPort, routePort }) =>
          routePort === undefined ? [clientPort, monitorPort] : [clientPort, monitorPort, routePort],
        ),
        'postgres',
        ...services.filter(({ port }) => port).map((service) => service.name),
      ];
      const free = await freePorts(names.length);
      const tls = topology.nats.tls && (await newTlsMaterial(['nats']));
      return {
        environment,
        runtime: 'process',
        topology,
        ports: Object.fromEntries(names.map((port, at) => [port, free[at]!])),
        secrets: { ...someSecrets(topology, `n-${name}`, `p-${name}`), ...(tls && { tls }) },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const environment of environments) await runtime.remove(environment, { volumes: true }, context);
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A service that is a line of JavaScript. */
export const scripted = (name: string, script: string, more: Partial<Service> = {}): Service =>
  someService(name, {
    source: { kind: 'command', command: [process.execPath, '-e', script], cwd: root },
    ...more,
  });

export const IDLE = 'setInterval(() => {}, 1000); console.log("idle")';

const topologyOf = (services: readonly Service[], nats: Partial<Nats>): Topology =>
  someTopology({
    project: 'contract',
    nats: {
      ...someNats,
      ...(process.env.DEVENV_NATS_SERVER ? { binary: process.env.DEVENV_NATS_SERVER } : {}),
      maxFileStore: 256 << 20,
      syncInterval: 1_000,
      ...nats,
    },
    postgres: { version: '18', image: 'postgres', database: 'pipeline' },
    streams: [],
    consumers: [],
    services,
    ports: [],
  });

/** Polls until `look` answers something; fails with what was seen last. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 45_000, what = 'it' } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((done) => setTimeout(done, 15));
  }
}

export const byName = (observed: readonly ObservedService[], name: string): ObservedService | undefined =>
  observed.find(({ service }) => service === name);

/** Pids of this machine whose environment or command line says that they belong to an environment. */
export async function processesOf({ id }: Environment): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const text = await Promise.all(
      ['environ', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'latin1').catch(() => '')),
    );
    if (text.join('\0').includes(id)) found.push(Number(name));
  }
  return found;
}
