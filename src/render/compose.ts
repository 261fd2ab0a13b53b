import { createHash } from 'node:crypto';
import { Document, type YAMLMap } from 'yaml';
import { type Deployment, NATS_SERVICE } from '../topology/deployment.ts';
import { decide } from './compose-fragments.ts';
import { composeServices, type ServiceInputs, secretVariables } from './compose-services.ts';
import { renderDotenv } from './dotenv.ts';
import { CONTAINER_PORTS } from './environment.ts';
import { LABELS, type Role } from './labels.ts';
import { renderNatsConf } from './nats-conf.ts';

/** A file of a rendered environment; `path` is relative to its folder. */
export interface RenderedFile {
  path: string;
  mode: number;
  content: string;
}

export interface ComposeInputs extends ServiceInputs {
  devenvVersion: string;
}

export interface RenderedCompose {
  files: readonly RenderedFile[];
  /** service → hash of its definition with everything that it is given from outside the file. */
  hashes: Readonly<Record<string, string>>;
}

/**
 * compose.yaml, nats.conf and .env of an environment that devenv itself starts: everything is resolved, nothing is
 * replaced from the caller's shell, no service waits for another (devenv asks readiness itself). Pure.
 */
export function renderCompose(given: ComposeInputs): RenderedCompose {
  const inputs = { ...given, deployment: insideContainers(given.deployment) };
  const { environment } = inputs.deployment;
  const natsConf = containerNatsConf(inputs.deployment);
  const dotenv = renderDotenv(
    secretVariables(inputs.deployment),
    `Credentials of ${environment.id}. Generated; kept for as long as its data.`,
  );
  const document = new Document({});
  document.commentBefore = ` Rendered by devenv for environment "${environment.name}" and written again at every \`devenv up\`.\n Change devenv.yaml instead.`;

  const hashes: Record<string, string> = {};
  const services = new Map<string, YAMLMap>();
  for (const [name, service] of composeServices(document, inputs)) {
    const outside = name === NATS_SERVICE ? natsConf : dotenv;
    hashes[name] = hashOf(JSON.stringify(service.toJS(document)), outside);
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
  const data = (volume: string) => ({ name: `${environment.id}_${volume}`, labels: labels(inputs, 'data') });
  document.set('volumes', { 'nats-data': data('nats-data'), 'postgres-data': data('postgres-data') });

  return {
    hashes,
    files: [
      { path: 'compose.yaml', mode: 0o600, content: composeText(document) },
      { path: 'nats.conf', mode: 0o600, content: natsConf },
      { path: '.env', mode: 0o600, content: dotenv },
    ],
  };
}

/** Long lines stay whole: a folded string is hard to search and to copy. */
export const composeText = (document: Document): string =>
  document.toString({ lineWidth: 0, singleQuote: false });

/** Compose services reach each other by name, whatever runtime was asked for. */
export const insideContainers = (deployment: Deployment): Deployment => ({
  ...deployment,
  runtime: 'docker',
});

export function containerNatsConf({ environment, topology, secrets }: Deployment): string {
  const { nats } = topology;
  return renderNatsConf({
    ...nats,
    serverName: environment.id,
    host: '0.0.0.0',
    port: CONTAINER_PORTS.nats,
    monitorHost: '0.0.0.0',
    monitorPort: CONTAINER_PORTS.natsMonitor,
    storeDir: '/data',
    users: [secrets.nats],
  });
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
