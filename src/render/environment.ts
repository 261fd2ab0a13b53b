import { DevenvError } from '../errors.ts';
import {
  type Deployment,
  NATS_MONITOR_PORT,
  type NatsAccess,
  POSTGRES_PORT,
  POSTGRES_SERVICE,
} from '../topology/deployment.ts';
import type { Service } from '../topology/model.ts';
import { pipelineNames } from '../topology/pipeline-names.ts';
import { natsServers } from '../topology/servers.ts';
import { adminName, MONITOR_USER } from '../topology/users.ts';
import { clientTlsPaths } from './tls-files.ts';

/** Where the servers listen inside a container network; the official images' defaults. */
export const CONTAINER_PORTS = { nats: 4222, natsMonitor: 8222, postgres: 5432 } as const;

/** Who asks: a program on this machine, or a service of the environment, which on docker is in the container network. */
export type From = 'host' | 'inside';

/**
 * The environment of a service: the addresses as that service sees them (container names on the docker runtime,
 * loopback ports on the process runtime), then what the shipped programs need, then the user's own values, which win.
 */
export function serviceEnvironment(deployment: Deployment, service: Service): Record<string, string> {
  const inside = deployment.runtime === 'docker';
  return {
    ...natsVariables(deployment, service.user, 'inside'),
    ...(service.inboxPrefix !== '_INBOX' && { NATS_INBOX_PREFIX: service.inboxPrefix }),
    DATABASE_URL: databaseUrl(deployment, 'inside'),
    LOG_LEVEL: 'info',
    ...(service.port && {
      HOST: inside ? '0.0.0.0' : '127.0.0.1',
      PORT: String(inside ? service.port.container : portOf(deployment, service.name)),
    }),
    ...(service.source.kind === 'builtin' && builtinEnvironment(deployment)),
    ...service.environment,
  };
}

/** Of a service's environment, what is a credential: it belongs into files that only their owner can read. */
export const SECRET_VARIABLES = ['NATS_URL', 'NATS_NKEY_SEED', 'DATABASE_URL'] as const;

/** What `devenv env` prints: how this machine reaches a running environment. */
export function hostVariables(deployment: Deployment): Record<string, string> {
  const { topology, ports } = deployment;
  // A service declared since the last `up` has no port yet; it has no URL either.
  const services = topology.services.filter(({ name }) => ports[name] !== undefined);
  const urlOf = (name: string) => `http://127.0.0.1:${portOf(deployment, name)}`;
  const builtin = (program: 'api' | 'worker') =>
    services.find(({ source }) => source.kind === 'builtin' && source.program === program) ??
    services.find(({ name }) => name === program);
  const api = builtin('api');
  const worker = builtin('worker');
  const [first, ...others] = topology.accounts;
  return {
    ...natsVariables(deployment, adminName(topology, first?.name ?? ''), 'host'),
    ...Object.fromEntries(
      others.map(({ name }) => [
        `NATS_URL_${variableName(name)}`,
        natsUrl(natsAccess(deployment, adminName(topology, name), 'host')),
      ]),
    ),
    NATS_SYSTEM_URL: natsUrl(natsAccess(deployment, MONITOR_USER, 'host')),
    NATS_MONITOR_URL: natsMonitorUrl(deployment),
    DATABASE_URL: databaseUrl(deployment, 'host'),
    ...(api && { INGESTION_API_URL: urlOf(api.name) }),
    ...(worker && { WORKER_URL: urlOf(worker.name) }),
    ...Object.fromEntries(
      services
        .filter((service) => service !== api && service !== worker)
        .map((service) => [`${variableName(service.name)}_URL`, urlOf(service.name)]),
    ),
  };
}

/** How one user reaches the servers. Throws NOT_READY when none of the declared servers has been started yet. */
export function natsAccess(deployment: Deployment, userName: string, from: From): NatsAccess {
  const { topology, secrets } = deployment;
  const credential = secrets.nats[userName];
  if (credential === undefined) throw new Error(`no credentials were made for the user "${userName}"`);
  const { tls } = topology.nats;
  return {
    servers: natsAddresses(deployment, from),
    user: userName,
    credential,
    ...(tls !== null &&
      secrets.tls !== undefined && {
        tls: {
          ca: secrets.tls.ca,
          ...(tls.verifyClients && { cert: secrets.tls.client.cert, key: secrets.tls.client.key }),
        },
      }),
  };
}

/** devenv's own access, everything allowed, to an account; without a name to the first one. */
export const adminAccess = (deployment: Deployment, account?: string): NatsAccess =>
  natsAccess(
    deployment,
    adminName(deployment.topology, account ?? deployment.topology.accounts[0]?.name ?? ''),
    'host',
  );

/** An access to one of its servers alone. */
export const toServer = (access: NatsAccess, server: string): NatsAccess => ({
  ...access,
  servers: [server],
});

/** `host:port` of each server, in their order. */
function natsAddresses(deployment: Deployment, from: From): string[] {
  const { topology, ports, runtime } = deployment;
  const servers = natsServers(topology);
  if (from === 'inside' && runtime === 'docker') {
    return servers.map(({ service }) => `${service}:${CONTAINER_PORTS.nats}`);
  }
  const started = servers.filter(({ clientPort }) => ports[clientPort] !== undefined);
  if (started.length === 0) {
    const names = servers.map(({ service }) => service).join(', ');
    throw new DevenvError('NOT_READY', `${names}: declared, but not started in this environment yet`, {
      hint: 'Run `devenv up`: it starts what was declared since the last time.',
    });
  }
  return started.map(({ clientPort }) => `127.0.0.1:${ports[clientPort]}`);
}

/** NATS_URL, and what cannot stand in a URL: the seed of a key pair, the files of the certificates. */
export function natsVariables(deployment: Deployment, userName: string, from: From): Record<string, string> {
  const access = natsAccess(deployment, userName, from);
  const { credential } = access;
  const files = clientTlsPaths(deployment, from);
  return {
    NATS_URL: natsUrl(access),
    ...(credential.kind === 'nkey' && { NATS_NKEY_SEED: credential.seed }),
    ...(files && { NATS_CA: files.ca }),
    ...(files?.cert !== undefined && { NATS_CERT: files.cert }),
    ...(files?.key !== undefined && { NATS_KEY: files.key }),
  };
}

/** Each server with the credentials, as every NATS client reads it; a key pair has no part in it. */
function natsUrl({ servers, user, credential, tls }: NatsAccess): string {
  const scheme = tls === undefined ? 'nats' : 'tls';
  const who = credential.kind === 'nkey' ? '' : `${userinfo(user, credential.password)}@`;
  return servers.map((server) => `${scheme}://${who}${server}`).join(',');
}

/** Monitoring of the first server that has been started. */
export function natsMonitorUrl({ topology, ports }: Deployment): string {
  const port = natsServers(topology)
    .map(({ monitorPort }) => ports[monitorPort])
    .find((known) => known !== undefined);
  if (port === undefined) throw new Error(`no port was allocated for "${NATS_MONITOR_PORT}"`);
  return `http://127.0.0.1:${port}`;
}

export function databaseUrl(deployment: Deployment, from: From): string {
  const { secrets, topology, runtime } = deployment;
  const { user, password } = secrets.postgres;
  const address =
    from === 'inside' && runtime === 'docker'
      ? `${POSTGRES_SERVICE}:${CONTAINER_PORTS.postgres}`
      : `127.0.0.1:${portOf(deployment, POSTGRES_PORT)}`;
  const database = encodeURIComponent(topology.postgres.database);
  return `postgresql://${userinfo(user, password)}@${address}/${database}`;
}

const userinfo = (user: string, password: string): string =>
  `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;

function builtinEnvironment({ topology }: Deployment): Record<string, string> {
  const names = pipelineNames(topology);
  return {
    NATS_STREAM: names.stream,
    NATS_DLQ_STREAM: names.dlqStream,
    SUBJECT_PREFIX: names.subjectPrefix,
    DLQ_SUBJECT_PREFIX: names.dlqSubjectPrefix,
    NATS_CONSUMER: names.consumer,
    ENTITIES: JSON.stringify(topology.entities),
  };
}

function portOf(deployment: Deployment, name: string): number {
  const port = deployment.ports[name];
  if (port === undefined) throw new Error(`no port was allocated for "${name}"`);
  return port;
}

/** `order-router` → `ORDER_ROUTER` */
const variableName = (service: string): string => service.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
