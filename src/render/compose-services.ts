import type { Document, YAMLMap } from 'yaml';
import { type Deployment, POSTGRES_PORT, POSTGRES_SERVICE } from '../topology/deployment.ts';
import type { Service } from '../topology/model.ts';
import { type NatsServer, natsServers } from '../topology/servers.ts';
import { type ComposeFragments, decide, serviceOf } from './compose-fragments.ts';
import { probeCommand } from './compose-health.ts';
import { openVariables, secretFileOf } from './compose-secrets.ts';
import { CONTAINER_PORTS } from './environment.ts';
import { CLIENT_FOLDER, MOUNTED_CLIENT_FOLDER, MOUNTED_SERVER_FOLDER, SERVER_FOLDER } from './tls-files.ts';

export interface ServiceInputs {
  deployment: Deployment;
  fragments: ComposeFragments;
  /** Image of the shipped pipeline. */
  appImage: string;
  /** Service → image, for the services that are built from a Dockerfile. */
  builtImages: Readonly<Record<string, string>>;
}

const ENV_FILE_COMMENT = 'credentials stand in env files only';

/** Where the servers of a cluster reach each other, inside the network only. */
export const CONTAINER_ROUTE_PORT = 6222;

/** Volume of one server; that of a server that is alone is called as ever, so that its streams are found again. */
export const natsVolume = ({ service }: NatsServer): string => `${service}-data`;

export const natsConfFile = ({ service }: NatsServer): string => `${service}.conf`;

export function natsService(
  document: Document,
  server: NatsServer,
  { deployment, fragments }: ServiceInputs,
): YAMLMap {
  const service = serviceOf(fragments, 'nats');
  const { image, tls } = deployment.topology.nats;
  decide(document, service, 'image', image, 'nats.image, or DEVENV_NATS_IMAGE');
  decide(document, service, 'command', ['--config', '/etc/nats/nats.conf']);
  decide(
    document,
    service,
    'ports',
    [
      published(deployment, server.clientPort, CONTAINER_PORTS.nats),
      published(deployment, server.monitorPort, CONTAINER_PORTS.natsMonitor),
    ],
    'clients, then monitoring; on loopback only, because monitoring has no authentication',
  );
  decide(
    document,
    service,
    'volumes',
    [
      mounted(`./${natsConfFile(server)}`, '/etc/nats/nats.conf'),
      ...(tls === null ? [] : [mounted(`./${SERVER_FOLDER}`, MOUNTED_SERVER_FOLDER)]),
      `${natsVolume(server)}:/data`,
    ],
    'store_dir lies inside /data, so streams outlive the container',
  );
  // The plain image has nothing but the server in it: no shell, no wget.
  if (!image.includes('alpine')) service.delete('healthcheck');
  return service;
}

export function postgresService(document: Document, { deployment, fragments }: ServiceInputs): YAMLMap {
  const service = serviceOf(fragments, 'postgres');
  const { image, version } = deployment.topology.postgres;
  decide(document, service, 'image', image, 'postgres.image, or DEVENV_POSTGRES_IMAGE');
  decide(document, service, 'env_file', [secretFileOf(POSTGRES_SERVICE)], ENV_FILE_COMMENT);
  decide(
    document,
    service,
    'environment',
    { POSTGRES_INITDB_ARGS: '--no-sync' },
    'only the creation of an empty cluster goes unsynced',
  );
  decide(
    document,
    service,
    'ports',
    [published(deployment, POSTGRES_PORT, CONTAINER_PORTS.postgres)],
    'on loopback only',
  );
  decide(
    document,
    service,
    'volumes',
    [`postgres-data:${postgresVolumePath(version)}`],
    `where images of Postgres ${version} keep their data`,
  );
  return service;
}

/** Read-only. Without create_host_path Docker would make a folder, owned by root, in the place of what is missing. */
const mounted = (source: string, target: string) => ({
  type: 'bind',
  source,
  target,
  read_only: true,
  bind: { create_host_path: false },
});

/** Official images keep the cluster in a folder per major below the volume from 18 on, in `data` before. */
export const postgresVolumePath = (version: string): string =>
  Number.parseInt(version, 10) >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';

export function userService(document: Document, service: Service, inputs: ServiceInputs): YAMLMap {
  const { deployment } = inputs;
  const map = baseOf(document, service, inputs);
  decide(document, map, 'env_file', [secretFileOf(service.name)], ENV_FILE_COMMENT);
  decide(document, map, 'environment', openVariables(deployment, service));
  const own = service.source.kind === 'command' ? [mounted(service.source.cwd, '/srv/app')] : [];
  mountCertificates(document, map, own, deployment);
  map.delete('ports');
  map.delete('healthcheck');
  if (service.port)
    decide(
      document,
      map,
      'ports',
      [published(deployment, service.name, service.port.container)],
      'on loopback only',
    );
  const test = probeCommand(service, deployment.topology.nodeImage);
  if (test !== undefined)
    decide(document, map, 'healthcheck', { test, interval: '2s', timeout: '3s', retries: 30 });
  return map;
}

function baseOf(document: Document, service: Service, inputs: ServiceInputs): YAMLMap {
  const { source } = service;
  if (source.kind === 'builtin') {
    const map = serviceOf(inputs.fragments, source.program);
    map.delete('build');
    decide(
      document,
      map,
      'image',
      inputs.appImage,
      'built by devenv from its own pipeline; the tag is a hash of the content',
    );
    decide(document, map, 'pull_policy', 'never', 'it exists on this machine only');
    return map;
  }
  const map = document.createNode({}) as YAMLMap;
  if (source.kind === 'image') decide(document, map, 'image', source.image, `services.${service.name}.image`);
  if (source.kind === 'build') {
    decide(
      document,
      map,
      'image',
      inputs.builtImages[service.name],
      'the tag is a hash of the build context',
    );
    decide(document, map, 'pull_policy', 'never', 'it exists on this machine only');
    decide(document, map, 'build', {
      context: source.context,
      ...(source.dockerfile && { dockerfile: source.dockerfile }),
    });
  }
  if (source.kind === 'command') {
    decide(document, map, 'image', inputs.deployment.topology.nodeImage, 'node.image, or DEVENV_NODE_IMAGE');
    decide(document, map, 'working_dir', '/srv/app');
    decide(document, map, 'volumes', [mounted(source.cwd, '/srv/app')]);
    decide(document, map, 'init', true, 'a program without signal handlers would not stop as process 1');
  }
  if ('command' in source && source.command) decide(document, map, 'command', source.command);
  decide(document, map, 'restart', 'on-failure', 'comes back after a crash, not after a reboot');
  decide(document, map, 'stop_grace_period', '5s');
  return map;
}

/** Beside what the service has mounted of its own. */
export function mountCertificates(
  document: Document,
  map: YAMLMap,
  own: readonly object[],
  { topology }: Deployment,
): void {
  if (topology.nats.tls === null) return;
  const certificates = mounted(`./${CLIENT_FOLDER}`, MOUNTED_CLIENT_FOLDER);
  decide(document, map, 'volumes', [...own, certificates], 'certificates of the NATS servers');
}

function published(deployment: Deployment, name: string, container: number): string {
  const port = deployment.ports[name];
  if (port === undefined) throw new Error(`no port was allocated for "${name}"`);
  return `127.0.0.1:${port}:${container}`;
}

/**
 * Every service of a deployment as a Compose service, by name, in starting order. The order and the health gates are
 * for people who run the file by itself; devenv starts everything at once and asks readiness from outside.
 */
export function composeServices(document: Document, inputs: ServiceInputs): [string, YAMLMap][] {
  const postgres = postgresService(document, inputs);
  const servers: [string, YAMLMap][] = [
    ...natsServers(inputs.deployment.topology).map((server): [string, YAMLMap] => [
      server.service,
      natsService(document, server, inputs),
    ]),
    [POSTGRES_SERVICE, postgres],
  ];
  const gates = waitFor(Object.fromEntries(servers));
  return [
    ...servers,
    ...inputs.deployment.topology.services.map((service): [string, YAMLMap] => {
      const map = userService(document, service, inputs);
      decide(
        document,
        map,
        'depends_on',
        gates,
        'stopped before its servers, and by Compose started after them',
      );
      return [service.name, map];
    }),
  ];
}

/** A `depends_on`; a service without a health check can only be waited for to have started. */
export const waitFor = (services: Readonly<Record<string, YAMLMap>>): Record<string, { condition: string }> =>
  Object.fromEntries(
    Object.entries(services).map(([name, service]) => [
      name,
      { condition: service.has('healthcheck') ? 'service_healthy' : 'service_started' },
    ]),
  );
