import { Document, isMap, type YAMLMap } from 'yaml';
import { type Deployment, NATS_SERVICE, POSTGRES_SERVICE } from '../topology/deployment.ts';
import { composeText, containerNatsConf, insideContainers, type RenderedFile } from './compose.ts';
import { type ComposeFragments, decide } from './compose-fragments.ts';
import { composeServices, secretVariables, waitFor } from './compose-services.ts';
import { renderDotenv } from './dotenv.ts';

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
 * two one-shot services do what devenv would do between the servers and the services: tables, streams, consumers.
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

  for (const { name, source } of deployment.topology.services) {
    const service = services[name]!;
    service.delete('pull_policy');
    if (source.kind === 'builtin') pipeline(service);
    decide(document, service, 'depends_on', {
      ...waits(NATS_SERVICE, POSTGRES_SERVICE),
      migrate: { condition: DONE },
      apply: { condition: DONE },
    });
  }
  const once = (program: string, dependsOn: string, environment: Record<string, string>, comment: string) => {
    const service = document.createNode({}) as YAMLMap;
    pipeline(service);
    decide(document, service, 'command', ['node', `/app/${program}.js`], comment);
    decide(document, service, 'env_file', ['.env']);
    decide(document, service, 'environment', { LOG_LEVEL: 'info', ...environment });
    decide(document, service, 'depends_on', waits(dependsOn));
    decide(document, service, 'restart', 'on-failure:5', 'runs once; again only when it failed');
    services[program] = service;
  };
  const { entities, streams, consumers } = deployment.topology;
  once(
    'migrate',
    POSTGRES_SERVICE,
    { ENTITIES: JSON.stringify(entities) },
    'the tables of the declared entities',
  );
  once(
    'apply',
    NATS_SERVICE,
    { TOPOLOGY: JSON.stringify({ streams, consumers }) },
    'the declared streams and consumers',
  );
  if (inputs.sql.length > 0) mountSql(document, services[POSTGRES_SERVICE]!);

  document.set('name', project);
  document.set('services', document.createNode(services));
  document.set('volumes', { 'nats-data': {}, 'postgres-data': {} });
  return [
    { path: 'compose.yaml', mode: 0o644, content: composeText(document) },
    { path: 'nats.conf', mode: 0o600, content: containerNatsConf(deployment) },
    {
      path: '.env',
      mode: 0o600,
      content: renderDotenv(
        secretVariables(deployment),
        `Credentials of ${project}. Keep out of version control.`,
      ),
    },
    ...appContext(inputs).map((file) => ({ ...file, path: `app/${file.path}` })),
    ...inputs.sql.map(({ name, content }) => ({ path: `sql/${name}`, mode: 0o644, content })),
  ];
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
