import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { envExample } from '../../../src/config/env-example.ts';
import {
  ENVIRONMENT_VARIABLES,
  PROCESS_VARIABLES,
  portVariable,
} from '../../../src/config/environment-variables.ts';
import { accepted, refused } from './configuration.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Handed from one process of devenv to another; nobody sets them by hand. */
const INTERNAL = ['DEVENV_SUPERVISOR', 'DEVENV_SUPERVISOR_ID', 'DEVENV_SERVICE', 'DEVENV_ENVIRONMENT_ID'];

/** One value that differs from the default, for each variable, and what it must have become. */
const EFFECTS: Readonly<Record<string, readonly [text: string, seen: unknown]>> = {
  DEVENV_NAME: ['second', 'second'],
  DEVENV_PROJECT: ['other', 'other'],
  DEVENV_RUNTIME: ['process', 'process'],
  DEVENV_NATS_VERSION: ['2.14.3', '2.14.3'],
  DEVENV_NATS_IMAGE: ['mirror.example:5000/nats:2.15.1', 'mirror.example:5000/nats:2.15.1'],
  DEVENV_NATS_SERVER: ['/opt/nats-server', '/opt/nats-server'],
  DEVENV_NATS_MAX_MEMORY_STORE: ['3GiB', 3 * 2 ** 30],
  DEVENV_NATS_MAX_FILE_STORE: ['10G', 10_000_000_000],
  DEVENV_NATS_SYNC_INTERVAL: ['always', 'always'],
  DEVENV_NATS_MAX_PAYLOAD: ['2MiB', 2 * 2 ** 20],
  DEVENV_NATS_MAX_PENDING: ['128MiB', 128 * 2 ** 20],
  DEVENV_NATS_MAX_CONNECTIONS: ['100', 100],
  DEVENV_POSTGRES_VERSION: ['17', '17'],
  DEVENV_POSTGRES_IMAGE: ['devenv-test/postgres:18', 'devenv-test/postgres:18'],
  DEVENV_POSTGRES_DATABASE: ['ledger', 'ledger'],
  DEVENV_POSTGRES_SQL: ['migrations', '/projects/shop/migrations'],
  DEVENV_NODE_IMAGE: ['node:24-alpine', 'node:24-alpine'],
  DEVENV_PORT_NATS: ['14222', 14_222],
  DEVENV_NATS_SERVERS: ['3', 'nats-3'],
  DEVENV_NATS_TLS: ['true', '{"verifyClients":false}'],
  DEVENV_PORT_NATS_MONITOR: ['18222', 18_222],
  DEVENV_PORT_POSTGRES: ['15432', 15_432],
  DEVENV_PORT_API: ['18080', 18_080],
  DEVENV_PORT_WORKER: ['18081', 18_081],
};

describe('the environment', () => {
  it.each(ENVIRONMENT_VARIABLES.map(({ name }) => name))('%s reaches the configuration', (name) => {
    const [text, seen] = EFFECTS[name] ?? [];
    const leaves = (env: Record<string, string>) => {
      const { environmentName, runtime, topology } = accepted(undefined, { env });
      const all: unknown[] = [];
      JSON.stringify({ environmentName, runtime, topology }, (_, value) => {
        all.push(typeof value === 'object' ? JSON.stringify(value) : value);
        return value;
      });
      return all;
    };
    expect(text).toBeDefined();
    expect(leaves({})).not.toContain(seen);
    expect(leaves({ [name]: String(text) })).toContain(seen);
  });

  it('goes before the project file, and the process before .env', () => {
    const yaml = 'nats:\n  max_file_store: 3GiB\n';
    const dotenv = { file: '.env', text: 'DEVENV_NATS_MAX_FILE_STORE=4GiB\n' };
    const env = { DEVENV_NATS_MAX_FILE_STORE: '5GiB' };
    const store = (given: Parameters<typeof accepted>[1]) =>
      accepted(yaml, given).topology.nats.maxFileStore / 2 ** 30;
    expect([store({}), store({ dotenv }), store({ dotenv, env })]).toEqual([3, 4, 5]);
  });

  it('goes after the command line', () => {
    const env = { DEVENV_NAME: 'from-env', DEVENV_RUNTIME: 'docker' };
    const { environmentName, runtime } = accepted(undefined, {
      env,
      flags: { name: 'from-flag', runtime: 'process' },
    });
    expect([environmentName, runtime]).toEqual(['from-flag', 'process']);
  });

  it('sets the preferred port of any declared service', () => {
    expect(portVariable('order-router').name).toBe('DEVENV_PORT_ORDER_ROUTER');
    const yaml = 'services:\n  order-router: {command: node x.js, port: 3000}\n';
    const { topology } = accepted(yaml, { env: { DEVENV_PORT_ORDER_ROUTER: '3001', DEVENV_PORT_API: '99' } });
    expect(topology.ports.at(-1)).toEqual({ name: 'order-router', preferred: 3001 });
    expect(topology.services[0]?.port).toEqual({ container: 3000, preferred: 3001 });
  });

  it('counts an empty variable as not set', () => {
    expect(accepted(undefined, { env: { DEVENV_NATS_IMAGE: '' } }).topology.nats.image).toBe(
      'nats:2.15.1-alpine',
    );
  });

  it('is named when its value is bad, with the line when it comes from .env', () => {
    expect(refused('', { env: { DEVENV_NATS_MAX_FILE_STORE: '10' } })).toEqual([
      expect.stringMatching(/^DEVENV_NATS_MAX_FILE_STORE: nats\.max_file_store: "10": has no unit; write/),
    ]);
    const dotenv = { file: '.env', text: '# ports\n\nexport DEVENV_PORT_API=http\n' };
    expect(refused('', { dotenv })).toEqual([
      '.env:3: DEVENV_PORT_API: ports.api: "http": expected a whole number from 1 to 65535',
    ]);
    expect(refused('', { env: { DEVENV_NAME: '../up' } })).toEqual([
      expect.stringMatching(/^DEVENV_NAME: "\.\.\/up": expected at most 40/),
    ]);
    expect(refused('', { flags: { runtime: 'dokcer' } })).toEqual([
      '--runtime: runtime: "dokcer": not allowed; did you mean "docker"? allowed: auto, docker, process',
    ]);
  });

  it('gives a word of advice about a variable that is nearly one of ours, and none about others', () => {
    const env = { DEVENV_NATS_IMAG: 'x', DEVENV_ROOT: '/nix', PATH: '/bin' };
    expect(accepted(undefined, { env }).notes).toEqual([
      'DEVENV_NATS_IMAG is not read; did you mean DEVENV_NATS_IMAGE?',
    ]);
  });
});

describe('.env.example', () => {
  it('is what the schema and the list of variables make', async () => {
    expect(await readFile(`${root}.env.example`, 'utf8')).toBe(envExample());
  });

  it('changes nothing when it is copied', () => {
    const dotenv = { file: '.env', text: envExample() };
    expect(accepted(undefined, { dotenv }).topology).toEqual(accepted().topology);
  });

  it('documents every DEVENV_ variable that the sources read', async () => {
    const files = (await readdir(`${root}src`, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const texts = await Promise.all(files.map((file) => readFile(`${root}src/${file}`, 'utf8')));
    const read = new Set(texts.flatMap((text) => text.match(/\bDEVENV_[A-Z][A-Z_]*[A-Z]\b/g) ?? []));
    const known = [
      ...INTERNAL,
      ...ENVIRONMENT_VARIABLES.map(({ name }) => name),
      ...PROCESS_VARIABLES.map(({ name }) => name),
      // The example of a service's own variable in a comment, and its prefix.
      portVariable('order-router').name,
      'DEVENV_PORT',
    ];
    expect(read.size).toBeGreaterThan(20);
    expect([...read].filter((name) => !known.includes(name))).toEqual([]);
  });
});
