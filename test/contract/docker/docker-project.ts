import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { DevenvEvent } from '../../../src/events.ts';
import { createDockerRuntime } from '../../../src/runtime/docker/docker-runtime.ts';
import type { MissingPart, Runtime, StepContext } from '../../../src/runtime/runtime.ts';
import type { Deployment } from '../../../src/topology/deployment.ts';
import type { Nats, Service, Topology } from '../../../src/topology/model.ts';
import { natsServers } from '../../../src/topology/servers.ts';
import { newTlsMaterial } from '../../../src/world/tls.ts';
import { type DockerEngine, dockerLeftovers, removeImages } from '../../helpers/docker-engine.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { repository } from '../../helpers/sandbox.ts';
import { someSecrets, someService, someTopology } from '../../helpers/topology.ts';

/** Stands for the shipped programs: answers on PORT, says what it was given, drains on SIGTERM, crashes when asked to. */
const PROGRAM = `import { createServer } from 'node:http';
const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(7);
  response.end(JSON.stringify({ env: process.env, uid: process.getuid(), pid: process.pid }));
});
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log('listening'));
process.on('SIGTERM', () => { console.error('draining'); server.close(() => process.exit(0)); server.closeAllConnections(); });
`;

/** An environment on the real engine, in a temporary folder, that is gone without a trace afterwards. */
export class DockerProject implements AsyncDisposable {
  readonly runtime: Runtime;
  readonly deployment: Deployment;
  readonly events: DevenvEvent[] = [];
  readonly #abort = new AbortController();
  /** Images that were built for this project alone. */
  readonly #images: string[] = [];

  private constructor(runtime: Runtime, deployment: Deployment) {
    this.runtime = runtime;
    this.deployment = deployment;
  }

  static async create(
    { images }: DockerEngine,
    {
      services,
      nats,
      env = process.env,
    }: { services?: readonly Service[]; nats?: Partial<Nats>; env?: NodeJS.ProcessEnv } = {},
  ): Promise<DockerProject> {
    const projectDir = await mkdtemp(join(tmpdir(), 'devenv-docker-'));
    const pipelineDir = join(projectDir, 'pipeline');
    await mkdir(pipelineDir);
    for (const name of ['api.js', 'worker.js'])
      await writeFile(join(pipelineDir, name), `// ${projectDir}\n${PROGRAM}`);
    const base = someTopology();
    const topology: Topology = {
      ...base,
      nats: { ...base.nats, ...nats, image: images.nats },
      postgres: { ...base.postgres, image: images.postgres },
      nodeImage: images.node,
      ...(services && { services }),
    };
    const names = [
      ...natsServers(topology).flatMap(({ clientPort, monitorPort }) => [clientPort, monitorPort]),
      'postgres',
      ...topology.services.filter(({ port }) => port).map(({ name }) => name),
    ];
    const free = await freePorts(names.length);
    const tls = topology.nats.tls && (await newTlsMaterial(natsServers(topology).map((one) => one.service)));
    const id = `devenv-contract-${basename(projectDir).slice(-6).toLowerCase()}`;
    const deployment: Deployment = {
      environment: { name: 'contract', projectDir, stateDir: join(projectDir, '.devenv', 'contract'), id },
      runtime: 'docker',
      topology,
      ports: Object.fromEntries(names.map((name, index) => [name, free[index]!])),
      secrets: { ...someSecrets(topology, 's3cr3t-nats', 's3cr3t-postgres'), ...(tls && { tls }) },
    };
    const runtime = createDockerRuntime({
      env,
      composeDir: join(repository, 'compose'),
      pipelineDir,
      packageRoot: repository,
    });
    return new DockerProject(runtime, deployment);
  }

  get environment() {
    return this.deployment.environment;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get context(): StepContext {
    return { stepId: 'test', emit: (event) => this.events.push(event), signal: this.signal };
  }

  /** Gets what is missing and starts the named services. */
  async up(...services: string[]): Promise<void> {
    const missing = await this.runtime.missing(this.deployment, this.signal);
    await this.prepare(this.deployment, missing);
    await this.runtime.start(this.deployment, services, this.context);
  }

  async prepare(deployment: Deployment, parts: readonly MissingPart[]): Promise<void> {
    this.#images.push(
      ...parts.filter(({ kind }) => kind === 'build').map(({ name }) => name.replace('image ', '')),
    );
    await this.runtime.prepare(deployment, parts, this.context);
  }

  async observed(service: string) {
    const all = await this.runtime.observe(this.environment, this.signal);
    return all.find((seen) => seen.service === service);
  }

  /** The JSON that a test program answers with. */
  async ask(service: string, path = '/'): Promise<{ env: Record<string, string>; uid: number; pid: number }> {
    return JSON.parse(await this.get(service, path));
  }

  /**
   * Body of an answer. Not fetch(): while a container starts, the engine's proxy accepts and closes at once, and on
   * Node 20 a fetch that meets this now and then never settles.
   */
  get(service: string, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = get(
        { host: '127.0.0.1', port: this.deployment.ports[service], path, agent: false },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (text) => {
            body += text;
          });
          response.on('end', () => resolve(body));
          response.on('error', reject);
        },
      );
      call.on('error', reject);
    });
  }

  leftovers(): Promise<string[]> {
    return dockerLeftovers(this.environment.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    const context: StepContext = {
      stepId: 'end',
      emit: () => undefined,
      signal: AbortSignal.timeout(240_000),
    };
    await this.runtime.remove(this.environment, { volumes: true }, context);
    await removeImages(this.#images);
    await rm(this.environment.projectDir, { recursive: true, force: true });
  }
}

export const commandService = (name: string, script: string, parts: Partial<Service> = {}): Service =>
  someService(name, {
    source: { kind: 'command', command: ['node', '-e', script], cwd: tmpdir() },
    ...parts,
  });
