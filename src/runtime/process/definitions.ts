import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DevenvError } from '../../errors.ts';
import { serviceEnvironment } from '../../render/environment.ts';
import { serverConf } from '../../render/nats-server-conf.ts';
import { CLIENT_FOLDER, SERVER_FOLDER, tlsFiles } from '../../render/tls-files.ts';
import { type Deployment, POSTGRES_PORT, POSTGRES_SERVICE } from '../../topology/deployment.ts';
import type { Service } from '../../topology/model.ts';
import { type NatsServer, natsServers } from '../../topology/servers.ts';
import { layoutOf, logFileOf, natsConfOf, natsStoreOf } from './layout.ts';
import { renderPostgresConf, renderPostgresHba } from './postgres/settings.ts';
import type { LaunchDefinition } from './wire.ts';

/** Where programs and data are on this machine: what a deployment alone does not say. */
export interface Placement {
  natsServer: string;
  /** Of the server that will read the configuration. */
  natsVersion: string;
  postgres: string;
  postgresData: string;
  /** Whom Postgres runs as; absent = whoever runs devenv. */
  account?: { uid: number; gid: number };
  node: string;
  /** Folder of api.js and worker.js. */
  pipelineDir: string;
}

export interface RenderedFile {
  path: string;
  content: string;
  mode: number;
}

/** How one service runs as a process. Plain data; `env` is what is added to what it inherits. */
export interface ProcessDefinition extends Omit<LaunchDefinition, 'hash'> {
  /** Written before each start. */
  files: readonly RenderedFile[];
  /** A user's command gets the whole environment of the caller, as from a shell; ours get a bare one. */
  inherits: 'all' | 'bare';
}

/** Every service of a deployment as a process. Pure; throws PLATFORM_UNSUPPORTED for what only Docker can run. */
export function processDefinitions(deployment: Deployment, placement: Placement): ProcessDefinition[] {
  return [
    ...natsServers(deployment.topology).map((server) => natsDefinition(deployment, server, placement)),
    postgresDefinition(deployment, placement),
    ...deployment.topology.services.map((service) => serviceDefinition(deployment, service, placement)),
  ];
}

/** Throws PLATFORM_UNSUPPORTED when a service is an image or a Dockerfile. */
export function requireRunnable(deployment: Deployment): void {
  for (const { name, source } of deployment.topology.services)
    if (source.kind === 'image' || source.kind === 'build')
      throw new DevenvError(
        'PLATFORM_UNSUPPORTED',
        `The service "${name}" is ${source.kind === 'image' ? `the image ${source.image}` : `built from ${source.context}`}, ` +
          'which the process runtime cannot run.',
        { hint: 'Give it a `command`, or use --runtime docker.' },
      );
}

export function natsDefinition(
  deployment: Deployment,
  server: NatsServer,
  placement: Pick<Placement, 'natsServer' | 'natsVersion'>,
): ProcessDefinition {
  const { environment, topology } = deployment;
  const layout = layoutOf(environment);
  const { service, clientPort, monitorPort, routePort } = server;
  const names = [clientPort, monitorPort, ...(routePort === undefined ? [] : [routePort])];
  const ports = portsOf(deployment, names);
  const peers = natsServers(topology).flatMap((other) =>
    other.routePort === undefined
      ? []
      : [`127.0.0.1:${portsOf(deployment, [other.routePort])[other.routePort]}`],
  );
  const conf = natsConfOf(environment, service);
  const content = serverConf(deployment, server, {
    host: '127.0.0.1',
    clientPort: ports[clientPort]!,
    monitorPort: ports[monitorPort]!,
    storeDir: natsStoreOf(layout, service),
    tlsFolder: join(environment.stateDir, SERVER_FOLDER),
    ...(routePort === undefined ? {} : { route: { port: ports[routePort]!, peers } }),
    version: placement.natsVersion,
  });
  return {
    service,
    program: placement.natsServer,
    args: ['-c', conf],
    env: {},
    cwd: environment.stateDir,
    stopSignal: 'SIGTERM',
    graceMs: 3_000,
    tier: 'server',
    logFile: logFileOf(layout, service),
    ports,
    // Its last step: by then the other ports are bound as well.
    listening: 'Listening for client connections on',
    files: [{ path: conf, content, mode: 0o600 }, ...tlsFilesOf(deployment)],
    inherits: 'bare',
  };
}

/** Part of the definition of whoever reads them, so that new certificates make new processes. */
const tlsFilesOf = (deployment: Deployment, folder = ''): RenderedFile[] =>
  tlsFiles(deployment)
    .filter(({ path }) => path.startsWith(folder))
    .map((file) => ({ ...file, path: join(deployment.environment.stateDir, file.path) }));

function postgresDefinition(deployment: Deployment, placement: Placement): ProcessDefinition {
  const { postgresData, account } = placement;
  const ports = portsOf(deployment, [POSTGRES_PORT]);
  const file = (name: string, content: string) => ({ path: join(postgresData, name), content, mode: 0o600 });
  return {
    service: POSTGRES_SERVICE,
    program: placement.postgres,
    args: ['-D', postgresData],
    env: {},
    cwd: postgresData,
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    // Fast shutdown; on SIGTERM it would wait for every client to leave.
    stopSignal: 'SIGINT',
    graceMs: 3_000,
    tier: 'server',
    logFile: logFileOf(layoutOf(deployment.environment), POSTGRES_SERVICE),
    ports,
    listening: 'listening on IPv4 address',
    files: [
      file('postgresql.conf', renderPostgresConf({ port: ports[POSTGRES_PORT]! })),
      file('pg_hba.conf', renderPostgresHba()),
    ],
    inherits: 'bare',
  };
}

function serviceDefinition(
  deployment: Deployment,
  service: Service,
  placement: Placement,
): ProcessDefinition {
  const { source, name } = service;
  const common = {
    service: name,
    env: serviceEnvironment(deployment, service),
    stopSignal: 'SIGTERM' as const,
    tier: 'user' as const,
    logFile: logFileOf(layoutOf(deployment.environment), name),
    ports: service.port === undefined ? {} : portsOf(deployment, [name]),
    files: tlsFilesOf(deployment, CLIENT_FOLDER),
  };
  switch (source.kind) {
    case 'builtin':
      return {
        ...common,
        program: placement.node,
        args: [join(placement.pipelineDir, `${source.program}.js`)],
        cwd: deployment.environment.stateDir,
        graceMs: 3_000,
        inherits: 'bare',
      };
    case 'command': {
      const [program = '', ...args] = source.command;
      return { ...common, program, args, cwd: source.cwd, graceMs: 5_000, inherits: 'all' };
    }
    default:
      requireRunnable(deployment);
      throw new Error(`"${name}" is no process`);
  }
}

const withoutConf = ({ files, ...definition }: ProcessDefinition) => ({
  ...definition,
  files: files.filter(({ path }) => !definition.args.includes(path)),
});

function portsOf(deployment: Deployment, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    names.map((name) => {
      const port = deployment.ports[name];
      if (port === undefined) throw new Error(`no port was allocated for "${name}"`);
      return [name, port];
    }),
  );
}

/**
 * What of a definition makes a new process necessary when it changes. The places of programs and data are left out on
 * purpose: they follow from the machine, and finding them is not pure. `revisions` adds what is not in the deployment:
 * the content of the shipped programs.
 */
export function definitionHash(
  deployment: Deployment,
  service: string,
  revisions: Readonly<Record<string, string>>,
): string {
  const { topology, secrets, environment } = deployment;
  const nominal: Placement = {
    natsServer: topology.nats.binary ?? 'nats-server',
    natsVersion: topology.nats.version,
    postgres: `postgres-${topology.postgres.version}`,
    postgresData: layoutOf(environment).postgresData,
    node: 'node',
    pipelineDir: 'pipeline',
  };
  const declared = topology.services.find(({ name }) => name === service);
  const server = natsServers(topology).find((candidate) => candidate.service === service);
  const definition =
    server !== undefined
      ? // What it reads again while it runs needs no new process: see Runtime.configurations.
        withoutConf(natsDefinition(deployment, server, nominal))
      : service === POSTGRES_SERVICE
        ? // Its role and database are made before it starts, so they belong to it although no file of its holds them.
          {
            ...postgresDefinition(deployment, nominal),
            access: secrets.postgres,
            database: topology.postgres.database,
          }
        : declared !== undefined && (declared.source.kind === 'builtin' || declared.source.kind === 'command')
          ? serviceDefinition(deployment, declared, nominal)
          : { service, source: declared?.source };
  const revision = declared?.source.kind === 'builtin' ? revisions[declared.source.program] : undefined;
  return createHash('sha256')
    .update(JSON.stringify([definition, revision]))
    .digest('hex')
    .slice(0, 16);
}
