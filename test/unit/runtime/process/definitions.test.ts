import { describe, expect, test } from 'vitest';
import {
  definitionHash,
  type Placement,
  processDefinitions,
  requireRunnable,
} from '../../../../src/runtime/process/definitions.ts';
import { launchDefinition } from '../../../../src/runtime/process/launch-definition.ts';
import { createProcessRuntime } from '../../../../src/runtime/process/process-runtime.ts';
import type { Deployment, TlsMaterial } from '../../../../src/topology/deployment.ts';
import type { Nats, Service } from '../../../../src/topology/model.ts';
import { someNats, someSecrets, someService, someTopology } from '../../../helpers/topology.ts';

const service = (name: string, source: Service['source'], more: Partial<Service> = {}): Service =>
  someService(name, { source, ...more });

const api = service(
  'api',
  { kind: 'builtin', program: 'api' },
  { port: { container: 8080, preferred: 8080 } },
);
const mine = service(
  'mine',
  { kind: 'command', command: ['npm', 'run', 'it'], cwd: '/p/mine' },
  { environment: { NATS_URL: 'mine', EMPTY: '' } },
);

function deployment(services: readonly Service[] = [api, mine], nats: Partial<Nats> = {}): Deployment {
  const topology = someTopology({
    nats: { ...someNats, ...nats },
    streams: [],
    consumers: [],
    services,
  });
  return {
    environment: { name: 'e', projectDir: '/p', stateDir: '/p/.devenv/e', id: 'devenv-e-00000000' },
    runtime: 'process',
    topology,
    ports: { nats: 4222, 'nats-monitor': 8222, postgres: 5432, api: 8080, ...CLUSTER_PORTS },
    secrets: someSecrets(topology, 'nats-secret', 'pg-secret'),
  };
}
const CLUSTER_PORTS = Object.fromEntries(
  [1, 2, 3].flatMap((number) => [
    [`nats-${number}`, 4221 + number],
    [`nats-${number}-monitor`, 8221 + number],
    [`nats-${number}-route`, 6221 + number],
  ]),
);
const TLS: TlsMaterial = {
  ca: 'CA',
  caKey: 'CA-KEY',
  server: { cert: 'SERVER', key: 'SERVER-KEY' },
  client: { cert: 'CLIENT', key: 'CLIENT-KEY' },
};
const withTls = (base: Deployment, tls = TLS): Deployment => ({ ...base, secrets: { ...base.secrets, tls } });

const placement: Placement = {
  natsServer: '/bin/nats-server',
  natsVersion: '2.10.27',
  postgres: '/pg/bin/postgres',
  postgresData: '/data/postgres',
  account: { uid: 101, gid: 104 },
  node: '/bin/node',
  pipelineDir: '/dist/pipeline',
};

const of = (name: string, made = processDefinitions(deployment(), placement)) =>
  made.find((definition) => definition.service === name)!;

describe('processDefinitions', () => {
  test('nats-server reads its configuration, with the credentials in it, from a private file', () => {
    const nats = of('nats');
    expect(nats).toMatchObject({
      program: '/bin/nats-server',
      args: ['-c', '/p/.devenv/e/nats.conf'],
      ports: { nats: 4222, 'nats-monitor': 8222 },
      tier: 'server',
    });
    expect(nats.files).toEqual([
      { path: '/p/.devenv/e/nats.conf', mode: 0o600, content: expect.stringContaining('nats-secret') },
    ]);
  });

  test('Postgres runs as its account, stops fast, and listens on loopback only', () => {
    const postgres = of('postgres');
    expect(postgres).toMatchObject({
      uid: 101,
      gid: 104,
      stopSignal: 'SIGINT',
      args: ['-D', '/data/postgres'],
    });
    const [conf, hba] = postgres.files;
    expect(conf).toMatchObject({ path: '/data/postgres/postgresql.conf', mode: 0o600 });
    for (const line of [
      `listen_addresses = '127.0.0.1'`,
      'port = 5432',
      'synchronous_commit = on',
      `unix_socket_directories = ''`,
    ])
      expect(conf?.content.split('\n')).toContain(line);
    expect(hba?.content).not.toMatch(/trust/);
  });

  test('a builtin is a program of Node, a command is run as it is written', () => {
    expect(of('api')).toMatchObject({
      program: '/bin/node',
      args: ['/dist/pipeline/api.js'],
      ports: { api: 8080 },
      env: { PORT: '8080', HOST: '127.0.0.1', NATS_URL: 'nats://api:nats-secret@127.0.0.1:4222' },
      inherits: 'bare',
    });
    expect(of('mine')).toMatchObject({
      program: 'npm',
      args: ['run', 'it'],
      cwd: '/p/mine',
      ports: {},
      env: { NATS_URL: 'mine', EMPTY: '' },
      inherits: 'all',
    });
  });

  test('three servers are three processes with a file, a store and ports each', () => {
    const made = processDefinitions(deployment([api], { servers: 3 }), placement);
    expect(made.map((one) => one.service)).toEqual(['nats-1', 'nats-2', 'nats-3', 'postgres', 'api']);
    const second = of('nats-2', made);
    expect(second).toMatchObject({
      args: ['-c', '/p/.devenv/e/nats-2.conf'],
      ports: { 'nats-2': 4223, 'nats-2-monitor': 8223, 'nats-2-route': 6223 },
      logFile: '/p/.devenv/e/logs/nats-2.log',
    });
    const [conf] = second.files;
    for (const line of [
      'server_name: "devenv-e-00000000-2"',
      'store_dir: "/p/.devenv/e/data/nats-2"',
      'port: 6223',
      '@127.0.0.1:6222"',
      '@127.0.0.1:6223"',
      '@127.0.0.1:6224"',
      '"az:2"',
    ])
      expect(conf?.content).toContain(line);
    expect(of('api', made).env.NATS_URL?.split(',')).toHaveLength(3);
  });

  test('certificates are private files, and services are told where theirs are', () => {
    const tls = (verifyClients: boolean) =>
      processDefinitions(withTls(deployment([api], { tls: { verifyClients } })), placement);
    const files = (name: string, made = tls(true)) => of(name, made).files.map(({ path }) => path);
    const client = ['ca', 'cert', 'key'].map((part) => `/p/.devenv/e/tls/client/${part}.pem`);
    expect(files('nats')).toEqual(expect.arrayContaining(['/p/.devenv/e/tls/server/key.pem', ...client]));
    expect(files('api')).toEqual(client);
    expect(files('api', tls(false))).toEqual([client[0]]);
    for (const { path, mode } of tls(true).flatMap((one) => one.files))
      if (path.endsWith('key.pem')) expect(mode).toBe(0o600);
    expect(of('api', tls(true)).env).toMatchObject({
      NATS_CA: client[0],
      NATS_CERT: client[1],
      NATS_KEY: client[2],
    });
    expect(of('api', tls(true)).env.NATS_URL).toMatch(/^tls:/);
    expect(JSON.stringify(tls(true))).not.toContain('CA-KEY');
  });

  test('no secret is in any argument', () => {
    for (const { args, program } of processDefinitions(deployment(), placement))
      expect([program, ...args].join(' ')).not.toMatch(/secret/);
  });

  test.each([
    service('cache', { kind: 'image', image: 'redis' }),
    service('cache', { kind: 'build', context: '/p/cache' }),
  ])('refuses what only Docker can run', (only) => {
    expect(() => requireRunnable(deployment([api, only]))).toThrow(
      expect.objectContaining({
        code: 'PLATFORM_UNSUPPORTED',
        message: expect.stringContaining('"cache"'),
        hint: expect.stringContaining('`command`'),
      }),
    );
  });
});

describe('definitionHash', () => {
  const hash = (changed: Deployment, name: string, revisions = {}) =>
    definitionHash(changed, name, revisions);
  const base = deployment();

  test('is the same for the same declaration', () => {
    for (const name of ['nats', 'postgres', 'api', 'mine'])
      expect(hash(deployment(), name)).toBe(hash(base, name));
  });

  test.each<[string, (changed: Deployment) => Deployment, string[]]>([
    ['the port of NATS', (d) => ({ ...d, ports: { ...d.ports, nats: 4223 } }), ['nats', 'api']],
    ['the monitoring port', (d) => ({ ...d, ports: { ...d.ports, 'nats-monitor': 8223 } }), ['nats']],
    [
      'the password of Postgres',
      (d) => ({ ...d, secrets: { ...d.secrets, postgres: { user: 'u', password: 'x' } } }),
      ['postgres', 'api', 'mine'],
    ],
    [
      'a limit, which a running server reads again,',
      (d) => ({ ...d, topology: { ...d.topology, nats: { ...d.topology.nats, maxPayload: 5 } } }),
      [],
    ],
    [
      'the binary',
      (d) => ({ ...d, topology: { ...d.topology, nats: { ...d.topology.nats, binary: '/n' } } }),
      ['nats'],
    ],
    [
      'a command',
      (d) => ({
        ...d,
        topology: {
          ...d.topology,
          services: [api, { ...mine, source: { kind: 'command', command: ['x'], cwd: '/' } }],
        },
      }),
      ['mine'],
    ],
  ])('%s changes exactly what uses it', (_, change, expected) => {
    const changed = change(base);
    const names = ['nats', 'postgres', 'api', 'mine'].filter(
      (name) => hash(changed, name) !== hash(base, name),
    );
    expect(names).toEqual(expected);
  });

  test('new certificates change the servers and their clients, not Postgres', () => {
    const before = deployment(undefined, { tls: { verifyClients: false } });
    const after = { ...TLS, ca: 'NEW', server: { cert: 'NEW', key: 'NEW' } };
    const names = ['nats', 'postgres', 'api', 'mine'].filter(
      (name) => hash(withTls(before), name) !== hash(withTls(before, after), name),
    );
    expect(names).toEqual(['nats', 'api', 'mine']);
  });

  test('a new release of the shipped API changes the API', () => {
    expect(hash(base, 'api', { api: '2' })).not.toBe(hash(base, 'api', { api: '1' }));
    expect(hash(base, 'mine', { api: '2' })).toBe(hash(base, 'mine', { api: '1' }));
  });
});

test('a command inherits the environment of the caller, ours a bare one; both carry the markers', () => {
  const caller = {
    PATH: '/bin',
    HOME: '/h',
    VIRTUAL_ENV: '/v',
    NATS_URL: 'of the caller',
    DEVENV_ENVIRONMENT_ID: 'outer',
    DEVENV_SUPERVISOR_ID: 'outer',
  };
  const env = (name: string) => launchDefinition(of(name), 'h', 'devenv-e-00000000', caller).env;
  const markers = { DEVENV_ENVIRONMENT_ID: 'devenv-e-00000000', DEVENV_SERVICE: 'mine' };
  expect(env('mine')).toMatchObject({ PATH: '/bin', VIRTUAL_ENV: '/v', NATS_URL: 'mine', ...markers });
  expect(env('mine')).not.toHaveProperty('DEVENV_SUPERVISOR_ID');
  expect(env('api')).not.toHaveProperty('VIRTUAL_ENV');
  expect(env('api').NATS_URL).toBe('nats://api:nats-secret@127.0.0.1:4222');
  expect(env('nats')).toEqual({ PATH: '/bin', HOME: '/h', ...markers, DEVENV_SERVICE: 'nats' });
});

describe('check', () => {
  const check = (machine: { platform: NodeJS.Platform; arch: NodeJS.Architecture }) =>
    createProcessRuntime({
      env: {},
      supervisorProgram: import.meta.filename,
      pipelineDir: '/none',
      machine,
    }).check(new AbortController().signal);

  test('sends Windows to WSL2', async () => {
    await expect(check({ platform: 'win32', arch: 'x64' })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
      hint: expect.stringContaining('WSL2'),
    });
  });

  test('says where it runs instead', async () => {
    await expect(check({ platform: 'freebsd', arch: 'x64' })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
    });
    await expect(check({ platform: 'linux', arch: 'riscv64' })).rejects.toMatchObject({
      code: 'POSTGRES_ABSENT',
      hint: expect.stringContaining('linux-arm64'),
    });
  });
});
