import { describe, expect, test } from 'vitest';
import {
  definitionHash,
  type Placement,
  processDefinitions,
  requireRunnable,
} from '../../../../src/runtime/process/definitions.ts';
import { launchDefinition } from '../../../../src/runtime/process/launch-definition.ts';
import { createProcessRuntime } from '../../../../src/runtime/process/process-runtime.ts';
import type { Deployment } from '../../../../src/topology/deployment.ts';
import type { Service } from '../../../../src/topology/model.ts';

const service = (name: string, source: Service['source'], more: Partial<Service> = {}): Service => ({
  name,
  source,
  environment: {},
  health: { kind: 'none' },
  publishes: [],
  subscribes: [],
  ...more,
});

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

function deployment(services: readonly Service[] = [api, mine]): Deployment {
  return {
    environment: { name: 'e', projectDir: '/p', stateDir: '/p/.devenv/e', id: 'devenv-e-00000000' },
    runtime: 'process',
    topology: {
      project: 'p',
      nodeImage: 'node',
      nats: {
        version: '2.15.1',
        image: 'nats',
        maxMemoryStore: 1 << 20,
        maxFileStore: 1 << 30,
        maxPayload: 1 << 20,
        maxPending: 64 << 20,
        maxConnections: 100,
        syncInterval: 1_000,
      },
      postgres: { version: '18', image: 'postgres', database: 'pipeline' },
      streams: [],
      consumers: [],
      entities: [],
      services,
      ports: [],
    },
    ports: { nats: 4222, 'nats-monitor': 8222, postgres: 5432, api: 8080 },
    secrets: { nats: { user: 'n', password: 'nats-secret' }, postgres: { user: 'u', password: 'pg-secret' } },
  };
}

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
      env: { PORT: '8080', HOST: '127.0.0.1', NATS_URL: 'nats://n:nats-secret@127.0.0.1:4222' },
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
      'a limit',
      (d) => ({ ...d, topology: { ...d.topology, nats: { ...d.topology.nats, maxPayload: 5 } } }),
      ['nats'],
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
  expect(env('api').NATS_URL).toBe('nats://n:nats-secret@127.0.0.1:4222');
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
