import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsServers } from '../helpers/nats-servers.ts';
import type { Measurement } from './report.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'bin', 'devenv.js');
const fixtures = join(root, 'test', 'fixtures', 'field-notes');
const ROUNDS = 11;

/**
 * How long a person waits for the static doctor, as whole processes from outside: on the largest field note, on a project
 * far larger than any, and on a nats.conf alone, which `nats-server -t` reads side by side. A bare Node tells what of it is
 * the machine's. Rounds alternate.
 */
export async function doctor(say: (line: string) => void): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'devenv-bench-'));
  try {
    const largest = await largestOf(fixtures);
    await writeLargeProject(folder);
    const server = (await natsServers()).at(-1);
    if (server === undefined) say('no nats-server is at hand: nothing to compare with');
    const conf = join(folder, 'nats.conf');
    const node = (...args: string[]) => timed(process.execPath, args);
    const times = {
      node: [] as number[],
      note: [] as number[],
      large: [] as number[],
      conf: [] as number[],
      server: [] as number[],
    };
    await node(bin, 'doctor', '--static', '--json', '-C', largest); // fills caches; not counted
    for (let round = 1; round <= ROUNDS; round += 1) {
      times.node.push(await node('-e', '0'));
      times.note.push(await node(bin, 'doctor', '--static', '--json', '-C', largest));
      times.large.push(await node(bin, 'doctor', '--static', '--json', '-C', folder));
      times.conf.push(await node(bin, 'doctor', '--json', '--conf', conf));
      if (server !== undefined) times.server.push(await timed(server.path, ['-t', '-c', conf]));
    }
    const name = largest.slice(fixtures.length + 1);
    return [
      { name: 'node -e 0', unit: 'ms', values: times.node },
      { name: `doctor --static, ${name}`, unit: 'ms', values: times.note, goal: { atMost: 300 } },
      { name: 'doctor --static, 300 streams, 300 services, 300 users', unit: 'ms', values: times.large },
      { name: 'doctor --conf, 300 users', unit: 'ms', values: times.conf, goal: { atMost: 300 } },
      ...(server === undefined
        ? []
        : [
            {
              name: `nats-server ${server.version} -t, 300 users`,
              unit: 'ms' as const,
              values: times.server,
            },
          ]),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Findings make it exit with 7, which is an answer; anything else is not. */
function timed(file: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    execFile(file, [...args], { maxBuffer: 64 * 1024 ** 2 }, (error, _stdout, stderr) => {
      if (error === null || error.code === 7) resolve(performance.now() - started);
      else reject(new Error(`${file} ${args.join(' ')}: ${String(error.code)}\n${stderr}`));
    });
  });
}

async function largestOf(folder: string): Promise<string> {
  const sized = await Promise.all(
    (await readdir(folder)).map(async (name) => ({
      path: join(folder, name),
      bytes: await bytesOf(join(folder, name)),
    })),
  );
  return sized.reduce((largest, one) => (one.bytes > largest.bytes ? one : largest)).path;
}

async function bytesOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function writeLargeProject(folder: string): Promise<void> {
  const each = (line: (index: number) => string) =>
    Array.from({ length: 300 }, (_, index) => line(index)).join('\n');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'devenv.yaml'),
    `nats: { max_file_store: 10GiB }
streams:
${each((index) => `  - { name: S${index}, subjects: ["area.${index}.>", "other.*.${index}"], max_bytes: 10MiB }`)}
consumers:
${each((index) => `  - { stream: S${index}, name: workers, filter_subjects: ["area.${index}.jobs.*"] }`)}
entities: []
services:
${each((index) => `  service-${index}: { command: node a.js, publishes: ["area.${index}.jobs.new", "area.${(index + 1) % 300}.done"], works: [S${index}/workers] }`)}
doctor: { nats_conf: [nats.conf] }
`,
  );
  await writeFile(
    join(folder, 'nats.conf'),
    `port: 4222
server_name: large
jetstream { store_dir: "${join(folder, 'store')}", max_file_store: 10GiB }
authorization { users = [
${each((index) => `  { user: "user-${index}", password: "password-${index}", permissions: { publish: ["area.${index}.>", "$JS.API.>"], subscribe: ["_INBOX.>"] } }`)}
] }
`,
  );
}
