import { createHash } from 'node:crypto';
import { Document, type YAMLMap } from 'yaml';
import { type Deployment, POSTGRES_SERVICE } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
import { decide } from './compose-fragments.ts';
import { secretFileOf, secretFiles } from './compose-secrets.ts';
import {
  CONTAINER_ROUTE_PORT,
  composeServices,
  natsConfFile,
  natsVolume,
  type ServiceInputs,
} from './compose-services.ts';
import { CONTAINER_PORTS } from './environment.ts';
import { LABELS, type Role } from './labels.ts';
import { serverConf } from './nats-server-conf.ts';
import type { RenderedFile } from './rendered-file.ts';
import { CLIENT_FOLDER, MOUNTED_SERVER_FOLDER, TLS_FOLDER, tlsFiles } from './tls-files.ts';

export type { RenderedFile } from './rendered-file.ts';

export interface ComposeInputs extends ServiceInputs {
  devenvVersion: string;
}

export interface RenderedCompose {
  files: readonly RenderedFile[];
  /** service → hash of its definition with everything that it is given from outside the file. */
  hashes: Readonly<Record<string, string>>;
}

/**
 * compose.yaml and what it mounts and reads, for an environment that devenv itself starts: everything is resolved,
 * nothing is replaced from the caller's shell, no service waits for another (devenv asks readiness itself). Pure.
 */
export function renderCompose(given: ComposeInputs): RenderedCompose {
  const inputs = { ...given, deployment: insideContainers(given.deployment) };
  const { deployment } = inputs;
  const { environment } = deployment;
  const beside = [
    ...natsConfFiles(deployment),
    ...secretFiles(deployment, `environment ${environment.id}. Generated; kept for as long as its data`),
    ...tlsFiles(deployment),
  ];
  const document = new Document({});
  document.commentBefore = ` Rendered by devenv for environment "${environment.name}" and written again at every \`devenv up\`.\n Change devenv.yaml instead.`;

  const hashes: Record<string, string> = {};
  const services = new Map<string, YAMLMap>();
  for (const [name, service] of composeServices(document, inputs)) {
    hashes[name] = hashOf(JSON.stringify(service.toJS(document)), ...contentsFor(name, deployment, beside));
    decide(document, service, 'labels', {
      ...labels(inputs, 'service'),
      [LABELS.version]: inputs.devenvVersion,
      [LABELS.service]: name,
      [LABELS.hash]: hashes[name],
    });
    services.set(name, service);
  }
  document.set('name', environment.id);
  document.set('services', document.createNode(Object.fromEntries(services)));
  document.set('networks', { default: { name: environment.id, labels: labels(inputs, 'network') } });
  const data = (volume: string) => ({
    name: volumeName(environment.id, volume),
    labels: labels(inputs, 'data'),
  });
  const volumes = [...natsServers(deployment.topology).map(natsVolume), 'postgres-data'];
  document.set('volumes', Object.fromEntries(volumes.map((volume) => [volume, data(volume)])));

  return {
    hashes,
    files: [{ path: 'compose.yaml', mode: 0o600, content: composeText(document) }, ...beside],
  };
}

export const volumeName = (environmentId: string, volume: string): string => `${environmentId}_${volume}`;

/** What of the files beside compose.yaml a service is made of. */
function contentsFor(name: string, { topology }: Deployment, beside: readonly RenderedFile[]): string[] {
  const server = natsServers(topology).find(({ service }) => service === name);
  const isOwn = ({ path }: RenderedFile): boolean => {
    // Its nats.conf it reads again while it runs: see Runtime.configurations.
    if (server !== undefined) return path.startsWith(TLS_FOLDER);
    return path === secretFileOf(name) || (name !== POSTGRES_SERVICE && path.startsWith(CLIENT_FOLDER));
  };
  return beside.filter(isOwn).map(({ content }) => content);
}

/** Long lines stay whole: a folded string is hard to search and to copy. */
export const composeText = (document: Document): string =>
  document.toString({ lineWidth: 0, singleQuote: false });

/** Compose services reach each other by name, whatever runtime was asked for. */
export const insideContainers = (deployment: Deployment): Deployment => ({
  ...deployment,
  runtime: 'docker',
});

/** nats.conf of each server, as it sees itself in its container. */
export function natsConfFiles(deployment: Deployment): RenderedFile[] {
  const servers = natsServers(deployment.topology);
  return servers.map((server) => ({
    path: natsConfFile(server),
    mode: 0o600,
    content: serverConf(deployment, server, {
      host: '0.0.0.0',
      clientPort: CONTAINER_PORTS.nats,
      monitorPort: CONTAINER_PORTS.natsMonitor,
      storeDir: '/data',
      tlsFolder: MOUNTED_SERVER_FOLDER,
      ...(servers.length === 1
        ? {}
        : {
            route: {
              port: CONTAINER_ROUTE_PORT,
              peers: servers.map(({ service }) => `${service}:${CONTAINER_ROUTE_PORT}`),
            },
          }),
    }),
  }));
}

/**
 * No version of devenv here: Compose asks to recreate a volume, data and all, when its labels change. For the same reason
 * this set never grows for volumes that exist.
 */
function labels({ deployment: { environment } }: ComposeInputs, role: Role): Record<string, string> {
  return {
    [LABELS.environment]: environment.id,
    [LABELS.name]: environment.name,
    [LABELS.project]: environment.projectDir,
    [LABELS.role]: role,
  };
}

const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
