import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderCompose } from '../../../src/render/compose.ts';
import type { ComposeFragments } from '../../../src/render/compose-fragments.ts';
import { postgresVolumePath } from '../../../src/render/compose-services.ts';
import { renderStandalone } from '../../../src/render/compose-standalone.ts';
import { LABELS } from '../../../src/render/labels.ts';
import { folderMode } from '../../../src/render/rendered-file.ts';
import type { Deployment, TlsMaterial } from '../../../src/topology/deployment.ts';
import type { Service, Topology } from '../../../src/topology/model.ts';
import { natsServers } from '../../../src/topology/servers.ts';
import {
  someAccount,
  someNats,
  someSecrets,
  someService,
  someTopology,
  stream,
} from '../../helpers/topology.ts';

const text = (name: string) =>
  readFileSync(new URL(`../../../compose/${name}.yaml`, import.meta.url), 'utf8');
const fragments: ComposeFragments = {
  nats: text('nats'),
  postgres: text('postgres'),
  api: text('api'),
  worker: text('worker'),
};

const deploymentOf = (parts: Partial<Topology> = {}): Deployment => {
  const topology = someTopology(parts);
  const servers = natsServers(topology).flatMap(({ clientPort, monitorPort }) => [clientPort, monitorPort]);
  const names = [...servers, 'postgres', ...topology.services.map(({ name }) => name)];
  return {
    environment: {
      name: 'orders',
      projectDir: '/srv/shop',
      stateDir: '/srv/shop/.devenv/orders',
      id: 'devenv-orders-0a1b2c3d',
    },
    runtime: 'process',
    topology,
    ports: Object.fromEntries(names.map((name, index) => [name, 20_000 + index])),
    secrets: {
      ...someSecrets(topology, 'nats-S3CRET', 'pg-S3CRET'),
      ...(topology.nats.tls && { tls: TLS }),
    },
  };
};
const TLS: TlsMaterial = {
  ca: 'CA',
  caKey: 'CA-S3CRET',
  server: { cert: 'SERVER', key: 'SERVER-S3CRET' },
  client: { cert: 'CLIENT', key: 'CLIENT-S3CRET' },
};
const cluster = (verifyClients = true): Partial<Topology> => ({
  nats: { ...someNats, servers: 3, tls: { verifyClients } },
});
const render = (deployment: Deployment) =>
  renderCompose({
    deployment,
    fragments,
    appImage: 'devenv/pipeline:abc',
    builtImages: { built: 'devenv/built:1' },
    devenvVersion: '1.2.3',
  });
const fileOf = (files: readonly { path: string; content: string }[], path: string) =>
  files.find((file) => file.path === path)!.content;
const service = ({ name = 'mine', ...parts }: Partial<Service>): Service =>
  someService(name, { source: { kind: 'image', image: 'mine:1' }, ...parts });

describe('the rendered compose.yaml', () => {
  const { files, hashes } = render(deploymentOf());
  const compose = parse(fileOf(files, 'compose.yaml'));

  it('is one project with every service, network and volume labelled', () => {
    expect(compose.name).toBe('devenv-orders-0a1b2c3d');
    expect(Object.keys(compose.services)).toEqual(['nats', 'postgres', 'api', 'worker']);
    for (const [name, { labels }] of Object.entries<{ labels: object }>(compose.services)) {
      expect(labels).toMatchObject({
        [LABELS.environment]: compose.name,
        [LABELS.service]: name,
        [LABELS.hash]: hashes[name],
      });
    }
    for (const { labels } of [
      compose.networks.default,
      compose.volumes['nats-data'],
      compose.volumes['postgres-data'],
    ]) {
      expect(labels).toMatchObject({ [LABELS.environment]: compose.name });
      // A label that changes with the version would make Compose ask to recreate a volume.
      expect(labels).not.toHaveProperty([LABELS.version]);
    }
  });

  it('publishes on loopback only', () => {
    const services = Object.values<{ ports: string[] }>(compose.services);
    for (const port of services.flatMap(({ ports }) => ports))
      expect(port).toMatch(/^127\.0\.0\.1:2000\d:\d+$/);
  });

  it('gates services on their servers, for people who run the file by itself', () => {
    const servers = { nats: { condition: 'service_healthy' }, postgres: { condition: 'service_healthy' } };
    expect(compose.services.api.depends_on).toEqual(servers);
    expect(compose.services.worker.depends_on).toEqual(servers);
    expect(compose.services.nats).not.toHaveProperty('depends_on');
  });

  it('has the secrets in env files alone, readable by the owner, one for each service', () => {
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ['compose.yaml', 0o600],
      ['nats.conf', 0o600],
      ['.env', 0o600],
      ['env/api.env', 0o600],
      ['env/worker.env', 0o600],
    ]);
    expect(fileOf(files, 'compose.yaml')).not.toContain('S3CRET');
    expect(fileOf(files, '.env')).toContain("POSTGRES_PASSWORD='pg-S3CRET'");
    expect(fileOf(files, 'env/api.env')).toContain("NATS_URL='nats://api:nats-S3CRET@nats:4222'");
    expect(fileOf(files, 'env/worker.env')).not.toContain('api');
    expect(compose.services.api.env_file).toEqual(['env/api.env']);
    expect(compose.services.postgres.env_file).toEqual(['.env']);
  });

  it('says beside each decided value why it is so', () => {
    expect(fileOf(files, 'compose.yaml')).toContain(
      'image: nats:2.15.1-alpine # nats.image, or DEVENV_NATS_IMAGE',
    );
    expect(fileOf(files, 'compose.yaml')).toContain(
      '# store_dir lies inside /data, so streams outlive the container',
    );
  });

  it('drops the health check of a NATS image without a shell', () => {
    const base = someTopology().nats;
    const plain = parse(
      fileOf(render(deploymentOf({ nats: { ...base, image: 'nats:2.15.1' } })).files, 'compose.yaml'),
    );
    expect(plain.services.nats).not.toHaveProperty('healthcheck');
    expect(compose.services.nats).toHaveProperty('healthcheck');
  });

  it('knows where each Postgres keeps its data', () => {
    expect(postgresVolumePath('18')).toBe('/var/lib/postgresql');
    expect(postgresVolumePath('17.4')).toBe('/var/lib/postgresql/data');
  });

  it('runs every kind of service, and keeps dollars from being replaced', () => {
    const services = [
      service({
        name: 'image',
        source: { kind: 'image', image: 'mine:1', command: ['run', '$HOME'] },
        environment: { PRICE: '5$', NATS_URL: 'nats://elsewhere' },
      }),
      service({
        name: 'built',
        source: { kind: 'build', context: '/src/$x', dockerfile: 'prod.Dockerfile' },
      }),
      service({
        name: 'command',
        source: { kind: 'command', command: ['node', 'a.js'], cwd: '/srv/a:b' },
        port: { container: 3000, preferred: 3000 },
        health: { kind: 'tcp' },
      }),
    ];
    const rendered = parse(fileOf(render(deploymentOf({ services })).files, 'compose.yaml')).services;
    expect(rendered.image).toMatchObject({
      image: 'mine:1',
      command: ['run', '$$HOME'],
      environment: { PRICE: '5$$', NATS_URL: 'nats://elsewhere' },
    });
    expect(rendered.built).toMatchObject({
      image: 'devenv/built:1',
      build: { context: '/src/$$x', dockerfile: 'prod.Dockerfile' },
    });
    expect(rendered.command).toMatchObject({
      working_dir: '/srv/app',
      init: true,
      volumes: [{ type: 'bind', source: '/srv/a:b', read_only: true }],
    });
    expect(rendered.command.healthcheck.test.slice(0, 3)).toEqual(['CMD', 'node', '-e']);
  });
});

describe('three servers with TLS', () => {
  const { files, hashes } = render(deploymentOf(cluster()));
  const compose = parse(fileOf(files, 'compose.yaml'));

  it('are three services with a file, a volume and published ports each', () => {
    expect(Object.keys(compose.services)).toEqual([
      'nats-1',
      'nats-2',
      'nats-3',
      'postgres',
      'api',
      'worker',
    ]);
    expect(Object.keys(compose.volumes)).toEqual([
      'nats-1-data',
      'nats-2-data',
      'nats-3-data',
      'postgres-data',
    ]);
    expect(compose.services['nats-2'].volumes).toMatchObject([
      { source: './nats-2.conf', target: '/etc/nats/nats.conf', read_only: true },
      { source: './tls/server', target: '/etc/nats/tls', read_only: true },
      'nats-2-data:/data',
    ]);
    const published = ['nats-1', 'nats-2', 'nats-3'].flatMap((name) => compose.services[name].ports);
    expect(new Set(published).size).toBe(6);
    expect(published.join()).not.toContain('6222');
    expect(Object.keys(compose.services.api.depends_on)).toEqual(['nats-1', 'nats-2', 'nats-3', 'postgres']);
  });

  it('find each other by name, each with a name and a tag of its own', () => {
    const conf = fileOf(files, 'nats-2.conf');
    expect(conf).toContain('server_name: "devenv-orders-0a1b2c3d-2"');
    expect(conf).toContain('"az:2"');
    // Itself included: by their number a new cluster knows how many it waits for.
    expect(conf.match(/nats-route:\/\/.*@nats-\d:6222/g)).toHaveLength(3);
    expect(conf).toContain('key_file: "/etc/nats/tls/key.pem"');
    expect(conf.match(/verify: true/g)).toHaveLength(2);
  });

  it('give services the authority, and a certificate when one is asked for', () => {
    expect(compose.services.api).toMatchObject({
      environment: { NATS_CA: '/etc/nats-tls/ca.pem', NATS_KEY: '/etc/nats-tls/key.pem' },
      volumes: [{ source: './tls/client', target: '/etc/nats-tls', read_only: true }],
    });
    const authority = render(deploymentOf(cluster(false))).files.map(({ path }) => path);
    expect(authority).toContain('tls/client/ca.pem');
    expect(authority).not.toContain('tls/client/key.pem');
  });

  it('keep keys in files of their own, that of the authority in none', () => {
    expect(files.map(({ content }) => content).join()).not.toContain('CA-S3CRET');
    expect(files.find(({ path }) => path === 'tls/server/key.pem')).toMatchObject({ mode: 0o600 });
    expect(fileOf(files, 'compose.yaml')).not.toContain('S3CRET');
    for (const folder of ['env', 'tls', 'tls/server']) expect(folderMode(folder)).toBe(0o700);
    for (const folder of ['tls/client', 'app', 'sql']) expect(folderMode(folder)).toBe(0o755);
  });

  it('begin again with new certificates, and Postgres does not', () => {
    const deployment = deploymentOf(cluster());
    const tls = { ...TLS, server: { cert: 'NEW', key: 'NEW' }, client: { cert: 'NEW', key: 'NEW' } };
    const after = render({ ...deployment, secrets: { ...deployment.secrets, tls } }).hashes;
    const changed = Object.keys(after).filter((name) => after[name] !== hashes[name]);
    expect(changed).toEqual(['nats-1', 'nats-2', 'nats-3', 'api', 'worker']);
  });

  it('are told of in the files of `generate` too, one apply for each account with streams', () => {
    const accounts = [someAccount('APP'), someAccount('AUDIT'), someAccount('EMPTY')];
    const streams = [
      { ...stream('MESSAGES', 'a'), account: 'APP' },
      { ...stream('LOG', 'b'), account: 'AUDIT' },
    ];
    const topology = { ...cluster(), accounts, streams, consumers: [], services: [] };
    const generated = renderStandalone(deploymentOf(topology), {
      fragments,
      dockerfile: '',
      programs: {},
      sql: [],
    });
    const { services, volumes } = parse(fileOf(generated, 'compose.yaml'));
    expect(Object.keys(services)).toEqual([
      ...['nats-1', 'nats-2', 'nats-3', 'postgres', 'migrate', 'apply', 'apply.AUDIT'],
    ]);
    expect(Object.keys(volumes)).toContain('nats-3-data');
    expect(JSON.parse(services['apply.AUDIT'].environment.TOPOLOGY).streams).toMatchObject([{ name: 'LOG' }]);
    expect(services.apply.environment.NATS_CA).toBe('/etc/nats-tls/ca.pem');
    expect(fileOf(generated, 'env/apply.AUDIT.env')).toContain('tls://devenv-AUDIT:');
    expect(generated.map(({ path }) => path)).toContain('tls/server/cert.pem');
  });
});

describe('definition hashes', () => {
  const before = render(deploymentOf()).hashes;
  const changed = (deployment: Deployment) => {
    const after = render(deployment).hashes;
    return Object.keys(after).filter((name) => after[name] !== before[name]);
  };

  it('change for what is concerned and for nothing else', () => {
    const same = deploymentOf();
    expect(changed(same)).toEqual([]);
    expect(changed({ ...same, ports: { ...same.ports, api: 9 } })).toEqual(['api']);
    const nats = { ...same.secrets.nats, api: { kind: 'password' as const, password: 'x' } };
    // A nats-server reads its nats.conf again while it runs.
    expect(changed({ ...same, secrets: { ...same.secrets, nats } })).toEqual(['api']);
    expect(changed(deploymentOf({ nats: { ...same.topology.nats, maxPayload: 5 } }))).toEqual([]);
    expect(changed(deploymentOf({ nats: { ...same.topology.nats, image: 'nats:2.11-alpine' } }))).toEqual([
      'nats',
    ]);
    expect(
      changed(deploymentOf({ postgres: { ...same.topology.postgres, image: 'postgres:18.1' } })),
    ).toEqual(['postgres']);
    expect(
      changed({ ...same, secrets: { ...same.secrets, postgres: { user: 'app', password: 'x' } } }),
    ).toEqual(['postgres', 'api', 'worker']);
  });
});

describe('the files of `generate`', () => {
  const programs = { 'api.js': 'a', 'worker.js': 'w', 'migrate.js': 'm', 'apply.js': 'p' };
  const files = renderStandalone(deploymentOf(), {
    fragments,
    dockerfile: 'FROM x',
    programs,
    sql: [{ name: '001.sql', content: 'select 1' }],
  });
  const compose = parse(fileOf(files, 'compose.yaml'));

  it('are all that plain Compose needs', () => {
    expect(files.map(({ path }) => path)).toEqual([
      ...['compose.yaml', 'nats.conf', '.env', 'env/api.env', 'env/worker.env'],
      ...['env/migrate.env', 'env/apply.env', 'app/Dockerfile', 'app/package.json'],
      ...['app/api.js', 'app/apply.js', 'app/migrate.js', 'app/worker.js', 'sql/001.sql'],
    ]);
  });

  it('migrate and apply before the services start', () => {
    expect(compose.services.api.depends_on).toEqual({
      nats: { condition: 'service_healthy' },
      postgres: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
      apply: { condition: 'service_completed_successfully' },
    });
    expect(compose.services.migrate).toMatchObject({
      command: ['node', '/app/migrate.js'],
      build: { context: './app' },
    });
    expect(Object.keys(JSON.parse(compose.services.apply.environment.TOPOLOGY))).toEqual([
      'streams',
      'consumers',
    ]);
    expect(compose.services.postgres.volumes).toContain('./sql:/docker-entrypoint-initdb.d:ro');
  });
});
