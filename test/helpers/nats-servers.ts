import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type RunningProgram, runProgram } from './typescript-program.ts';

const exec = promisify(execFile);

/** A nats-server binary of this machine. */
export interface NatsServerBinary {
  /** `2.10.27` */
  version: string;
  path: string;
  /** Where it came from: `DEVENV_TEST_NATS_SERVERS`, `PATH`, `cache`, `Debian trixie`. */
  source: string;
}

/** The three generations that differ in behaviour, and the Debian release that carries each. */
const WANTED = [
  { series: /^2\.9\./, name: '2.9', suite: 'bookworm' },
  { series: /^2\.10\./, name: '2.10', suite: 'trixie' },
  { series: /^2\.(1[1-9]|[2-9]\d)\./, name: '2.11 or later', suite: 'unstable' },
] as const;

const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'devenv', 'nats-server');

let found: Promise<NatsServerBinary[]> | undefined;

/**
 * Every nats-server version at hand, oldest first: named by DEVENV_TEST_NATS_SERVERS (paths, colon separated), on the
 * PATH, in the cache, or fetched into the cache from the Debian archive. What cannot be had is printed with the
 * reason; with CI=true fewer than two versions are a failure.
 */
export function natsServers(): Promise<NatsServerBinary[]> {
  found ??= find();
  return found;
}

async function find(): Promise<NatsServerBinary[]> {
  const byVersion = new Map<string, NatsServerBinary>();
  const add = async (path: string, source: string): Promise<boolean> => {
    const version = await versionOf(path);
    if (version !== null && !byVersion.has(version)) byVersion.set(version, { version, path, source });
    return version !== null;
  };
  for (const path of (process.env.DEVENV_TEST_NATS_SERVERS ?? '').split(':').filter(Boolean))
    if (!(await add(path, 'DEVENV_TEST_NATS_SERVERS')))
      throw new Error(`DEVENV_TEST_NATS_SERVERS: ${path} does not answer --version like a nats-server`);
  for (const directory of (process.env.PATH ?? '').split(delimiter).filter(Boolean))
    await add(join(directory, 'nats-server'), 'PATH');
  for (const version of await readdir(cacheFolder()).catch(() => []))
    await add(join(cacheFolder(), version, 'nats-server'), 'cache');
  const reasons: string[] = [];
  for (const { series, name, suite } of WANTED) {
    if ([...byVersion.keys()].some((version) => series.test(version))) continue;
    try {
      await add(await fetchFromDebian(suite), `Debian ${suite}`);
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      reasons.push(`nats-server ${name} is not at hand (Debian ${suite}): ${(stderr || message).trim()}`);
    }
  }
  for (const reason of reasons) process.stderr.write(`${reason}\n`);
  const servers = [...byVersion.values()].sort((a, b) => compareVersions(a.version, b.version));
  if (process.env.CI === 'true' && servers.length < 2)
    throw new Error(`CI needs two versions of nats-server at least.\n${reasons.join('\n')}`);
  return servers;
}

async function versionOf(path: string): Promise<string | null> {
  // Called inside a promise: an entry of PATH that is a file makes spawn throw at once.
  const run = async () => exec(path, ['--version']);
  const { stdout } = await run().catch(() => ({ stdout: '' }));
  return /nats-server: v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null;
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const at = left!.findIndex((part, index) => part !== right![index]);
  return at === -1 ? 0 : left![at]! - right![at]!;
}

/** Signed packages without root: apt with folders of its own and the site that this machine already uses. */
async function fetchFromDebian(suite: string): Promise<string> {
  const { stdout } = await exec('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']);
  // The site of the main archive, not of security updates.
  const site = stdout.split('\n').find((line) => line !== '' && !/security/.test(line));
  if (site === undefined) throw new Error('apt knows no site');
  const work = await mkdtemp(join(tmpdir(), 'devenv-apt-'));
  try {
    await mkdir(join(work, 'lists', 'partial'), { recursive: true });
    await mkdir(join(work, 'cache', 'archives', 'partial'), { recursive: true });
    await writeFile(join(work, 'sources.list'), `deb ${site} ${suite} main\n`);
    const settings = {
      'Dir::State::lists': join(work, 'lists'),
      'Dir::Cache': join(work, 'cache'),
      'Dir::Etc::sourcelist': join(work, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '2',
      // As root, apt would drop to a user who may not enter our folder.
      'APT::Sandbox::User': '',
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    const bounds = { cwd: work, timeout: 300_000, env: { ...process.env, LC_ALL: 'C' } };
    await exec('apt-get', [...options, '-qq', 'update'], bounds);
    await exec('apt-get', [...options, '-qq', 'download', 'nats-server'], bounds);
    const deb = (await readdir(work)).find((name) => name.endsWith('.deb'));
    if (deb === undefined) throw new Error('apt-get download left no package');
    await exec('dpkg', ['-x', join(work, deb), join(work, 'root')]);
    for (const folder of ['sbin', 'bin']) {
      const binary = join(work, 'root', 'usr', folder, 'nats-server');
      const version = await versionOf(binary);
      if (version !== null) return await intoCache(binary, version);
    }
    throw new Error(`the nats-server of ${deb} does not run here`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** By rename, so that others who fetch at the same time see a whole file or none. */
async function intoCache(binary: string, version: string): Promise<string> {
  const target = join(cacheFolder(), version, 'nats-server');
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}`;
  await writeFile(temporary, await readFile(binary));
  await chmod(temporary, 0o755);
  await rename(temporary, target);
  return target;
}

export interface RunningNats {
  pid: number;
  /** Client port and monitoring port on 127.0.0.1, chosen by the server. */
  port: number;
  monitorUrl: string;
  program: RunningProgram;
  stop(): Promise<void>;
}

/** Port −1 in `config` for both ports: the server chooses them and writes them into `directory`. */
export async function startNats(
  server: NatsServerBinary,
  config: string,
  directory: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<RunningNats> {
  const program = runProgram(server.path, ['-c', config, '--ports_file_dir', directory, ...args], {
    env: { ...process.env, ...env },
  });
  const stop = async (): Promise<void> => {
    program.child.kill('SIGKILL');
    await program.exit;
  };
  let over = false;
  void program.exit.then(() => {
    over = true;
  });
  const portsFile = join(directory, `nats-server_${program.pid}.ports`);
  const deadline = performance.now() + 60_000;
  while (!over && performance.now() < deadline) {
    const ports = parsePorts(await readFile(portsFile, 'utf8').catch(() => ''));
    if (ports !== null) return { ...ports, pid: program.pid, program, stop };
    await delay(5);
  }
  await stop();
  const { stderr, stdout } = await program.exit;
  throw new Error(`nats-server ${server.version} did not start with ${config}:\n${stderr}${stdout}`);
}

/** The file is written in place, so it may be seen half written. */
function parsePorts(text: string): { port: number; monitorUrl: string } | null {
  try {
    const { nats, monitoring }: { nats: string[]; monitoring: string[] } = JSON.parse(text);
    const port = Number(new URL(nats[0]!).port);
    const monitorPort = new URL(monitoring[0]!).port;
    return { port, monitorUrl: `http://127.0.0.1:${monitorPort}` };
  } catch {
    return null;
  }
}
