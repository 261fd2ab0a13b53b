import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type DockerImages, dockerOrSkip } from '../helpers/docker-engine.ts';
import type { Measurement } from './report.ts';

const run = promisify(execFile);
const bin = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin', 'devenv.js');
const ROUNDS = 5;

/**
 * How long a person waits for `up` and `down`, as whole processes from outside, binaries and images present. On docker
 * side by side with what they would type instead: `docker compose` on the very files that devenv rendered. Rounds
 * alternate, so that a machine that changes its speed changes it for both.
 */
export async function startup(say: (line: string) => void): Promise<Measurement[]> {
  const measured = await onProcess(say);
  const engine = await dockerOrSkip();
  return engine === undefined ? measured : [...measured, ...(await onDocker(say, engine.images))];
}

async function onProcess(say: (line: string) => void): Promise<Measurement[]> {
  return inProject(async (dir) => {
    const devenv = (...args: string[]) =>
      timed(process.execPath, [bin, ...args, '--runtime', 'process'], dir);
    const plain = (...args: string[]) => timed(process.execPath, [bin, ...args], dir);
    const ready: number[] = [];
    const proven: number[] = [];
    const again: number[] = [];
    const down: number[] = [];
    await devenv('up'); // gets binaries and fills caches; not counted
    await plain('down', '--volumes');
    for (let round = 1; round <= ROUNDS; round += 1) {
      ready.push(await devenv('up', '--no-probe'));
      await plain('down', '--volumes');
      proven.push(await devenv('up'));
      again.push(await devenv('up'));
      down.push(await plain('down'));
      await plain('down', '--volumes');
      say(`process: round ${round} of ${ROUNDS}`);
    }
    return [
      { name: 'process: up --no-probe, no data', unit: 'ms', values: ready, goal: { atMost: 1500 } },
      {
        name: 'process: up with default probes, no data',
        unit: 'ms',
        values: proven,
        goal: { atMost: 3000 },
      },
      { name: 'process: up on a healthy environment', unit: 'ms', values: again, goal: { atMost: 600 } },
      { name: 'process: down', unit: 'ms', values: down, goal: { atMost: 1000 } },
    ];
  });
}

async function onDocker(say: (line: string) => void, images: DockerImages): Promise<Measurement[]> {
  return inProject(async (dir) => {
    const env = {
      DEVENV_NATS_IMAGE: images.nats,
      DEVENV_POSTGRES_IMAGE: images.postgres,
      DEVENV_NODE_IMAGE: images.node,
    };
    const devenv = (...args: string[]) => timed(process.execPath, [bin, ...args], dir, env);
    const up = () => devenv('up', '--no-probe', '--runtime', 'docker');
    await up(); // builds the image; not counted
    const [environment] = (await readdir(join(dir, '.devenv'))).filter((name) => !name.startsWith('.'));
    const file = join(dir, '.devenv', environment!, 'compose.yaml');
    // A project of its own on the same ports: the two never run at the same time.
    const compose = (...args: string[]) =>
      timed(
        'docker',
        ['compose', '--project-name', `devenv-bench-${process.pid}`, '--file', file, ...args],
        dir,
      );
    const times = {
      up: [] as number[],
      composeUp: [] as number[],
      down: [] as number[],
      composeDown: [] as number[],
    };
    await devenv('down');
    for (let round = 1; round <= ROUNDS; round += 1) {
      times.composeUp.push(await compose('up', '--detach', '--wait'));
      times.composeDown.push(await compose('down'));
      times.up.push(await up());
      times.down.push(await devenv('down'));
      say(`docker: round ${round} of ${ROUNDS}`);
    }
    await compose('down', '--volumes');
    await devenv('down', '--volumes');
    return [
      { name: 'docker: devenv up --no-probe', unit: 'ms', values: times.up },
      { name: 'docker: docker compose up -d --wait', unit: 'ms', values: times.composeUp },
      {
        name: 'docker: up, devenv / compose',
        unit: 'ratio',
        values: ratios(times.up, times.composeUp),
        goal: { atMost: 0.8 },
      },
      { name: 'docker: devenv down', unit: 'ms', values: times.down },
      { name: 'docker: docker compose down', unit: 'ms', values: times.composeDown },
      {
        name: 'docker: down, devenv / compose',
        unit: 'ratio',
        values: ratios(times.down, times.composeDown),
        goal: { atMost: 0.8 },
      },
    ];
  });
}

const ratios = (ours: readonly number[], theirs: readonly number[]): number[] =>
  ours.map((ms, index) => ms / theirs[index]!);

/** Milliseconds of a whole process; throws with its error output when it fails. */
async function timed(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<number> {
  const started = performance.now();
  await run(command, args, { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 ** 2 });
  return performance.now() - started;
}

async function inProject<T>(body: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'devenv-bench-'));
  try {
    return await body(dir);
  } finally {
    await run(process.execPath, [bin, 'down', '--volumes'], { cwd: dir }).catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  }
}
