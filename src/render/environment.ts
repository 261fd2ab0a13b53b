import {
  type Deployment,
  NATS_MONITOR_PORT,
  NATS_PORT,
  NATS_SERVICE,
  POSTGRES_PORT,
  POSTGRES_SERVICE,
} from '../topology/deployment.ts';
import type { Service } from '../topology/model.ts';
import { pipelineNames } from '../topology/pipeline-names.ts';

/** Where the two servers listen inside a container network; the official images' defaults. */
export const CONTAINER_PORTS = { nats: 4222, natsMonitor: 8222, postgres: 5432 } as const;

/**
 * The environment of a service: the addresses as that service sees them (container names on the docker runtime,
 * loopback ports on the process runtime), then what the shipped programs need, then the user's own values, which win.
 */
export function serviceEnvironment(deployment: Deployment, service: Service): Record<string, string> {
  const inside = deployment.runtime === 'docker';
  return {
    ...connectionUrls(
      deployment,
      inside
        ? {
            nats: `${NATS_SERVICE}:${CONTAINER_PORTS.nats}`,
            postgres: `${POSTGRES_SERVICE}:${CONTAINER_PORTS.postgres}`,
          }
        : hostAddresses(deployment),
    ),
    LOG_LEVEL: 'info',
    ...(service.port && {
      HOST: inside ? '0.0.0.0' : '127.0.0.1',
      PORT: String(inside ? service.port.container : portOf(deployment, service.name)),
    }),
    ...(service.source.kind === 'builtin' && builtinEnvironment(deployment)),
    ...service.environment,
  };
}

/** What `devenv env` prints: how this machine reaches a running environment. */
export function hostVariables(deployment: Deployment): Record<string, string> {
  // A service declared since the last `up` has no port yet; it has no URL either.
  const services = deployment.topology.services.filter(({ name }) => deployment.ports[name] !== undefined);
  const urlOf = (name: string) => `http://127.0.0.1:${portOf(deployment, name)}`;
  const builtin = (program: 'api' | 'worker') =>
    services.find(({ source }) => source.kind === 'builtin' && source.program === program) ??
    services.find(({ name }) => name === program);
  const api = builtin('api');
  const worker = builtin('worker');
  return {
    ...connectionUrls(deployment, hostAddresses(deployment)),
    NATS_MONITOR_URL: `http://127.0.0.1:${portOf(deployment, NATS_MONITOR_PORT)}`,
    ...(api && { INGESTION_API_URL: urlOf(api.name) }),
    ...(worker && { WORKER_URL: urlOf(worker.name) }),
    ...Object.fromEntries(
      services
        .filter((service) => service !== api && service !== worker)
        .map((service) => [`${variableName(service.name)}_URL`, urlOf(service.name)]),
    ),
  };
}

const hostAddresses = (deployment: Deployment) => ({
  nats: `127.0.0.1:${portOf(deployment, NATS_PORT)}`,
  postgres: `127.0.0.1:${portOf(deployment, POSTGRES_PORT)}`,
});

function connectionUrls({ secrets, topology }: Deployment, address: { nats: string; postgres: string }) {
  const { nats, postgres } = secrets;
  const userinfo = ({ user, password }: { user: string; password: string }) =>
    `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return {
    NATS_URL: `nats://${userinfo(nats)}@${address.nats}`,
    DATABASE_URL: `postgresql://${userinfo(postgres)}@${address.postgres}/${encodeURIComponent(topology.postgres.database)}`,
  };
}

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
