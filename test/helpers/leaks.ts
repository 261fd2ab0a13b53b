import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect } from 'vitest';

/** What devenv can leave behind, as sorted lines: one kind of trace per prefix. */
type Traces = readonly string[];

const OURS = /DEVENV_ENVIRONMENT_ID=|dist\/supervisor\.js|docker-compose|compose\.yaml/;
const MAY_TAKE_MS = 30_000;

/**
 * Call once at the top of an e2e file: whatever its tests did, the machine must afterwards look as it did before.
 * Waits for what is just ending; then prints each trace that is new.
 */
export function leakCheck(): void {
  let before: Traces = [];
  beforeAll(async () => {
    before = await traces();
  });
  afterAll(async () => {
    const deadline = Date.now() + MAY_TAKE_MS;
    let left = await newTraces(before);
    while (left.length > 0 && Date.now() < deadline) {
      await delay(50);
      left = await newTraces(before);
    }
    expect(left, 'left behind').toEqual([]);
  });
}

const newTraces = async (before: Traces): Promise<string[]> =>
  (await traces()).filter((trace) => !before.includes(trace));

async function traces(): Promise<Traces> {
  const found = await Promise.all([processes(), listeningPorts(), folders(), docker()]);
  return found.flat().sort();
}

async function processes(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [environ, cmdline] = await Promise.all([
        read(`/proc/${pid}/environ`),
        read(`/proc/${pid}/cmdline`),
      ]);
      const command = cmdline.replaceAll('\0', ' ').trim();
      // A zombie has no command line: it holds nothing and is its parent's to collect.
      return command !== '' && OURS.test(`${environ} ${command}`) ? [`process ${pid} ${command}`] : [];
    }),
  );
  return found.flat();
}

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

async function listeningPorts(): Promise<string[]> {
  const LISTEN = '0A';
  const tables = await Promise.all([read('/proc/net/tcp'), read('/proc/net/tcp6')]);
  const ports = tables.flatMap((table) =>
    table
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === LISTEN)
      .map((columns) => Number.parseInt(columns[1]!.split(':')[1]!, 16)),
  );
  return [...new Set(ports)].map((port) => `port ${port}`);
}

async function folders(): Promise<string[]> {
  const roots = [tmpdir(), '/var/lib/devenv'];
  const found = await Promise.all(
    roots.map(async (root) => (await readdir(root).catch(() => [])).map((name) => `${root}/${name}`)),
  );
  return found
    .flat()
    .filter((path) => path.includes('devenv'))
    .map((path) => `folder ${path}`);
}

async function docker(): Promise<string[]> {
  const lists = [
    ['container', ['ps', '-a', '--format', '{{.Names}}']],
    ['network', ['network', 'ls', '--format', '{{.Name}}']],
    ['volume', ['volume', 'ls', '--format', '{{.Name}}']],
  ] as const;
  const found = await Promise.all(
    lists.map(async ([kind, args]) => {
      const { exitCode, stdout } = await execa('docker', args, { reject: false });
      return exitCode === 0 && stdout !== '' ? stdout.split('\n').map((name) => `${kind} ${name}`) : [];
    }),
  );
  return found.flat();
}
