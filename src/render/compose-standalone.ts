import { Document, isMap, type YAMLMap } from 'yaml';
import { type Deployment, POSTGRES_SERVICE } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
import { adminName } from '../topology/users.ts';
import { composeText, insideContainers, natsConfFiles, type RenderedFile } from './compose.ts';
import { type ComposeFragments, decide } from './compose-fragments.ts';
import { databaseAccess, natsAccessOf, secretFile, secretFileOf, secretFiles } from './compose-secrets.ts';
import { composeServices, mountCertificates, natsVolume, waitFor } from './compose-services.ts';
import { tlsFiles } from './tls-files.ts';

export interface StandaloneInputs {
  fragments: ComposeFragments;
  /** Text of `compose/app.Dockerfile`. */
  dockerfile: string;
  /** File name → text of the shipped programs: api.js, worker.js, migrate.js, apply.js. */
  programs: Readonly<Record<string, string>>;
  /** The user's SQL folder, in the order in which it is applied. */
  sql: readonly { name: string; content: string }[];
}

const DONE = 'service_completed_successfully';

/**
 * The environment as files that plain `docker compose up` runs without devenv: the pipeline is built from `./app`, and
 * one-shot services do what devenv would do between the servers and the services: tables, and the streams of each
 * account.
 */
export function renderStandalone(given: Deployment, inputs: StandaloneInputs): RenderedFile[] {
  const deployment = insideContainers(given);
  const { project } = deployment.topology;
  const document = new Document({});
  document.commentBefore = ` Rendered by \`devenv generate\`: docker compose up -d --wait`;
  const appImage = `${project}-pipeline`;
  const services = Object.fromEntries(
    composeServices(document, {
      deployment,
      fragments: inputs.fragments,
      appImage,
      builtImages: Object.fromEntries(
        deployment.topology.services.map(({ name }) => [name, `${project}-${name}`]),
      ),
    }),
  );

  const build = { context: './app', args: { NODE_IMAGE: deployment.topology.nodeImage } };
  const waits = (...names: string[]) =>
    waitFor(Object.fromEntries(names.map((name) => [name, services[name]!])));
  const pipeline = (service: YAMLMap) => {
    decide(document, service, 'image', appImage);
    decide(document, service, 'build', build, 'node.image, or DEVENV_NODE_IMAGE');
    service.delete('pull_policy');
  };

  const secrets: RenderedFile[] = secretFiles(deployment, whose(project));
  const once = ({ name, program, dependsOn, secret, open, comment }: OneShot) => {
    const service = document.createNode({}) as YAMLMap;
    pipeline(service);
    decide(document, service, 'command', ['node', `/app/${program}.js`], comment);
    decide(document, service, 'env_file', [secretFileOf(name)]);
    decide(document, service, 'environment', { LOG_LEVEL: 'info', ...open });
    decide(document, service, 'depends_on', waits(...dependsOn));
    decide(document, service, 'restart', 'on-failure:5', 'runs once; again only when it failed');
    if (program === 'apply') mountCertificates(document, service, [], deployment);
    services[name] = service;
    secrets.push(secretFile(name, secret, whose(project)));
  };
  const first = oneShots(deployment);
  for (const oneShot of first) once(oneShot);
  const servers = natsServers(deployment.topology).map(({ service }) => service);
  for (const { name, source } of deployment.topology.services) {
    const service = services[name]!;
    service.delete('pull_policy');
    if (source.kind === 'builtin') pipeline(service);
    decide(document, service, 'depends_on', {
      ...waits(...servers, POSTGRES_SERVICE),
      ...Object.fromEntries(first.map((oneShot) => [oneShot.name, { condition: DONE }])),
    });
  }
  if (inputs.sql.length > 0) mountSql(document, services[POSTGRES_SERVICE]!);

  document.set('name', project);
  document.set('services', document.createNode(services));
  const volumes = [...natsServers(deployment.topology).map(natsVolume), 'postgres-data'];
  document.set('volumes', Object.fromEntries(volumes.map((volume) => [volume, {}])));
  return [
    { path: 'compose.yaml', mode: 0o644, content: composeText(document) },
    ...natsConfFiles(deployment),
    ...secrets,
    ...tlsFiles(deployment),
    ...appContext(inputs).map((file) => ({ ...file, path: `app/${file.path}` })),
    ...inputs.sql.map(({ name, content }) => ({ path: `sql/${name}`, mode: 0o644, content })),
  ];
}

const whose = (project: string): string => `project ${project}. Keep out of version control`;

interface OneShot {
  name: string;
  program: 'migrate' | 'apply';
  dependsOn: readonly string[];
  secret: Readonly<Record<string, string>>;
  open: Readonly<Record<string, string>>;
  comment: string;
}

function oneShots(deployment: Deployment): OneShot[] {
  const { topology } = deployment;
  const migrate: OneShot = {
    name: 'migrate',
    program: 'migrate',
    dependsOn: [POSTGRES_SERVICE],
    secret: databaseAccess(deployment),
    open: { ENTITIES: JSON.stringify(topology.entities) },
    comment: 'the tables of the declared entities',
  };
  const filled = topology.accounts.filter(({ name }) =>
    topology.streams.some(({ account }) => account === name),
  );
  const apply = filled.map(({ name }): OneShot => {
    const { secret, open } = natsAccessOf(deployment, adminName(topology, name));
    const of = ({ account }: { account: string }) => account === name;
    const declared = { streams: topology.streams.filter(of), consumers: topology.consumers.filter(of) };
    return {
      name: name === topology.accounts[0]?.name ? 'apply' : `apply.${name}`,
      program: 'apply',
      dependsOn: natsServers(topology).map(({ service }) => service),
      secret,
      open: { ...open, TOPOLOGY: JSON.stringify(declared) },
      comment: `the declared streams and consumers${filled.length > 1 ? ` of ${name}` : ''}`,
    };
  });
  return [migrate, ...apply];
}

/** The build context of the shipped pipeline, the same here and in the image that devenv builds itself. */
export function appContext({
  dockerfile,
  programs,
}: Pick<StandaloneInputs, 'dockerfile' | 'programs'>): RenderedFile[] {
  const file = (path: string, content: string): RenderedFile => ({ path, mode: 0o644, content });
  return [
    file('Dockerfile', dockerfile),
    file('package.json', '{ "type": "module" }\n'),
    ...Object.keys(programs)
      .sort()
      .map((name) => file(name, programs[name]!)),
  ];
}

function mountSql(document: Document, postgres: YAMLMap): void {
  const volumes = postgres.get('volumes');
  const mounted = isMap(volumes) || volumes === undefined ? [] : (postgres.toJSON().volumes as string[]);
  decide(
    document,
    postgres,
    'volumes',
    [...mounted, './sql:/docker-entrypoint-initdb.d:ro'],
    'the SQL folder runs once, when the data volume is empty',
  );
}
