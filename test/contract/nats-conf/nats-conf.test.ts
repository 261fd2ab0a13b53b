import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@nats-io/transport-node';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type NatsConfOptions, renderNatsConf } from '../../../src/render/nats-conf.ts';
import {
  type NatsServerBinary,
  natsServers,
  type RunningNats,
  startNats,
} from '../../helpers/nats-servers.ts';
import { randomSeed } from '../../helpers/random-seed.ts';

const exec = promisify(execFile);
const servers = await natsServers();
const seed = randomSeed();
let directory: string;
let running: RunningNats | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devenv-nats-conf-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What other tools are known to trip over, as it must arrive at the server. */
const HOSTILE = [
  '"',
  '\\',
  '\\"',
  `9$a"b\\c#{}, ;é=/+`,
  `it's`,
  '$HOME',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this very text is a value
  '${HOME}',
  '$2b$ hash',
  '# comment',
  'a # b',
  '// comment',
  '{}',
  '}',
  '[',
  'a, b; c',
  'a: b',
  'a = b',
  '12345',
  '0',
  '-1',
  '-x',
  '1e5',
  '12.5',
  '1GB',
  '4k',
  '10Gi',
  'true',
  'off',
  'null',
  '2024-01-01',
  '2024-01-01T00:00:00Z',
  'include ./auth.conf',
  'include auth.conf\nport: 1',
  'a\nb',
  'a\r\nb',
  '\ttab\t',
  '  spaces  ',
  '(\n block \n)',
  '\\n \\t \\x41 \\u0041',
  '\u0001\u0007\b\f\u001b[31m\u007f',
  'nul\0nul',
  'päßwörd',
  '密码',
  '🔑🗝️',
  'e\u0301 \u00e9',
  '\u202eright to left',
  '\u2028line\u2029separators\u0085',
  '\ufeffbyte order mark',
  '\u{10ffff}\ue000',
  '$2a$nothash',
  '!"§$%&/()=?`´^°<>|@€~*+\'',
  'x'.repeat(2_500),
];

/** Hash → clear text, made by crypt(3). */
const BCRYPT: readonly [hash: string, clear: string][] = [
  ['$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe', 'a'],
  ['$2a$04$abcdefghijklmnopqrstuuwfc3G9bKw8AcDfUtrMEStaxrSz/cBW2', 'pass"$#{ö}'],
  ['$2b$04$abcdefghijklmnopqrstuuwfc3G9bKw8AcDfUtrMEStaxrSz/cBW2', 'pass"$#{ö}'],
  ['$2y$04$abcdefghijklmnopqrstuuwfc3G9bKw8AcDfUtrMEStaxrSz/cBW2', 'pass"$#{ö}'],
];

const options = (over: Partial<NatsConfOptions> = {}): NatsConfOptions => ({
  serverName: 'contract',
  host: '127.0.0.1',
  port: -1,
  monitorHost: '127.0.0.1',
  monitorPort: -1,
  storeDir: join(directory, 'store'),
  maxMemoryStore: 2 ** 20,
  maxFileStore: 2 ** 20,
  maxPayload: 2 ** 20,
  maxPending: 64 * 2 ** 20,
  maxConnections: 1_000,
  syncInterval: 120_000,
  users: [{ user: 'a', password: 'b' }],
  ...over,
});

let files = 0;
/** Renders for that server, lets it check the file, and starts it. */
async function start(server: NatsServerBinary, over: Partial<NatsConfOptions>): Promise<RunningNats> {
  files += 1;
  const path = join(directory, `nats-${files}.conf`);
  await writeFile(path, renderNatsConf(options({ version: server.version, ...over })), { mode: 0o600 });
  await exec(server.path, ['-t', '-c', path]);
  running = await startNats(server, path, directory);
  return running;
}

/** `in`, or the reason of the refusal. */
async function logIn(port: number, user: string, pass: string): Promise<string> {
  try {
    const connection = await connect({
      servers: `127.0.0.1:${port}`,
      user,
      pass,
      reconnect: false,
      timeout: 5_000,
    });
    await connection.close();
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}

interface Login {
  user: string;
  password: string;
  clear?: string;
}

async function expectLogins(port: number, users: readonly Login[]): Promise<void> {
  for (const { user, password, clear = password } of users) {
    expect(await logIn(port, user, clear), `${JSON.stringify(user)} with ${JSON.stringify(clear)}`).toBe(
      'in',
    );
    expect(
      await logIn(port, user, `${clear.slice(0, 60)}x`),
      `${JSON.stringify(user)} with a wrong one`,
    ).toMatch(/authorization violation/i);
  }
}

interface Varz {
  server_name: string;
  max_payload: number;
  max_pending: number;
  max_connections: number;
  jetstream: {
    config: {
      max_memory: number;
      max_storage: number;
      store_dir: string;
      sync_interval?: number;
      sync_always?: boolean;
    };
  };
}
const varz = async ({ monitorUrl }: RunningNats): Promise<Varz> =>
  (await fetch(`${monitorUrl}/varz`)).json() as Promise<Varz>;

describe.each(servers.map((server) => [server.version, server] as const))(
  'nats-server %s',
  (_version, server) => {
    it('must take hostile passwords as they are', async () => {
      const users = HOSTILE.map((password, index) => ({ user: `u${index}`, password }));
      const { port } = await start(server, { users });
      await expectLogins(port, users);
    });

    it('must take hostile user names as they are', async () => {
      const users = HOSTILE.map((user, index) => ({ user, password: `p${index}` }));
      const { port } = await start(server, { users });
      await expectLogins(port, users);
    });

    it('must let in with the clear text of a bcrypt hash, and not with the hash', async () => {
      const users = BCRYPT.map(([password, clear], index) => ({ user: `u${index}`, password, clear }));
      const { port } = await start(server, { users });
      await expectLogins(port, users);
      for (const { user, password } of users) expect(await logIn(port, user, password)).not.toBe('in');
    });

    it(`must take any text at all (seed ${seed})`, async () => {
      const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
      const texts = fc.sample(any, { seed, numRuns: 150 });
      // A text that happens to look like a bcrypt hash is one to the server.
      const users = texts
        .filter((password) => !/^\$2[abxy]\$\d{2}\$/.test(password))
        .map((password, index) => ({ user: `u${index}`, password }));
      const { port } = await start(server, { users });
      await expectLogins(port, users);
    });

    it.each([
      ['a decimal size', 10_000_000_000, 250_000_000],
      ['a binary size', 10 * 2 ** 30, 256 * 2 ** 20],
      ['an odd number of bytes', 1_073_741_825, 7],
      ['none', 0, 0],
    ])('must count to the byte: %s', async (_name, maxFileStore, maxMemoryStore) => {
      const seen = await varz(await start(server, { maxFileStore, maxMemoryStore, maxPayload: 1_234_567 }));
      expect(seen.jetstream.config).toMatchObject({ max_storage: maxFileStore, max_memory: maxMemoryStore });
      expect(seen).toMatchObject({
        server_name: 'contract',
        max_payload: 1_234_567,
        max_pending: 64 * 2 ** 20,
        max_connections: 1_000,
      });
    });

    it('must keep its files where it is told, whatever the folder is called', async () => {
      const folder = join(directory, `a "b" \\ $HOME #{é} ${server.version}`);
      await mkdir(folder);
      const file = (name: string) => join(folder, name);
      const { pid, ...rest } = await start(server, {
        storeDir: file('store'),
        pidFile: file('pid'),
        logFile: file('log'),
        syncInterval: 'always',
      });
      const { jetstream } = await varz({ pid, ...rest });
      expect(jetstream.config.store_dir).toBe(join(file('store'), 'jetstream'));
      expect((await readFile(file('pid'), 'utf8')).trim()).toBe(String(pid));
      await expect
        .poll(() => readFile(file('log'), 'utf8'), { interval: 10, timeout: 45_000 })
        .toContain('Server is ready');
    });

    it('must be told when to sync, if it knows how', async () => {
      const { jetstream } = await varz(await start(server, { syncInterval: 1_500 }));
      if (/^2\.9\./.test(server.version)) expect(jetstream.config.sync_interval).toBeUndefined();
      else expect(jetstream.config.sync_interval).toBe(1.5e9);
      await running?.stop();
      const always = await varz(await start(server, { syncInterval: 'always' }));
      if (!/^2\.9\./.test(server.version)) expect(always.jetstream.config.sync_always).toBe(true);
    });
  },
);

it('must have had a server to ask', (context) => {
  if (servers.length === 0) context.skip('no nats-server is at hand; the reasons are printed above');
});
