import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DevenvError } from '../../errors.ts';
import { serviceEnvironment } from '../../render/environment.ts';
import { renderNatsConf } from '../../render/nats-conf.ts';
import {
  type Deployment,
  NATS_MONITOR_PORT,
  NATS_PORT,
  NATS_SERVICE,
  POSTGRES_PORT,
  POSTGRES_SERVICE,
} from '../../topology/deployment.ts';
import type { Service } from '../../topology/model.ts';
import { layoutOf, logFileOf } from './layout.ts';
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
    natsDefinition(deployment, placement),
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

function natsDefinition(deployment: Deployment, placement: Placement): ProcessDefinition {
  const { environment, topology, secrets } = deployment;
  const { nats } = topology;
  const layout = layoutOf(environment);
  const ports = portsOf(deployment, [NATS_PORT, NATS_MONITOR_PORT]);
  const content = renderNatsConf({
    serverName: environment.id,
    host: '127.0.0.1',
    port: ports[NATS_PORT]!,
    monitorHost: '127.0.0.1',
    monitorPort: ports[NATS_MONITOR_PORT]!,
    storeDir: layout.natsStore,
    maxMemoryStore: nats.maxMemoryStore,
    maxFileStore: nats.maxFileStore,
    maxPayload: nats.maxPayload,
    maxPending: nats.maxPending,
    maxConnections: nats.maxConnections,
    syncInterval: nats.syncInterval,
    users: [secrets.nats],
    version: placement.natsVersion,
  });
  return {
    service: NATS_SERVICE,
    program: placement.natsServer,
    args: ['-c', layout.natsConf],
    env: {},
    cwd: environment.stateDir,
    stopSignal: 'SIGTERM',
    graceMs: 3_000,
    tier: 'server',
    logFile: logFileOf(layout, NATS_SERVICE),
    ports,
    // Its last step: by then the monitoring port is bound as well.
    listening: 'Listening for client connections on',
    files: [{ path: layout.natsConf, content, mode: 0o600 }],
    inherits: 'bare',
  };
}

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
    files: [],
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
  const definition =
    service === NATS_SERVICE
      ? natsDefinition(deployment, nominal)
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
