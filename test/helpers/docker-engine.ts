import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface DockerImages {
  nats: string;
  postgres: string;
  node: string;
}

export interface DockerEngine {
  version: string;
  /** From DEVENV_*_IMAGE, else the stand-ins of `.ci/images.sh` when they are here, else the official ones. */
  images: DockerImages;
}

const CHOICES: Readonly<Record<keyof DockerImages, readonly [variable: string, ...images: string[]]>> = {
  nats: ['DEVENV_NATS_IMAGE', 'devenv-test/nats:2-alpine', 'nats:2.15.1-alpine'],
  postgres: ['DEVENV_POSTGRES_IMAGE', 'devenv-test/postgres:18', 'postgres:18-alpine'],
  node: ['DEVENV_NODE_IMAGE', 'devenv-test/node:20-alpine', 'node:24-alpine'],
};

const docker = async (...args: string[]): Promise<string> =>
  (await run('docker', args, { timeout: 120_000 })).stdout.trim();

/**
 * The engine that docker scenarios run on, or undefined after printing why there is none; with `CI=true` a missing
 * engine throws, so that a build cannot pass by skipping. Use: `const engine = await dockerOrSkip();`
 * `describe.skipIf(!engine)('…', …)`.
 */
export async function dockerOrSkip(): Promise<DockerEngine | undefined> {
  try {
    const version = await docker('version', '--format', '{{.Server.Version}}');
    await docker('compose', 'version', '--short');
    return { version, images: await chooseImages() };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
    if (process.env.CI === 'true')
      throw new Error(`CI=true, but no Docker engine with Compose v2: ${reason}`);
    process.stderr.write(`docker scenarios skipped, no Docker engine with Compose v2: ${reason}\n`);
    return undefined;
  }
}

async function chooseImages(): Promise<DockerImages> {
  const choose = async (part: keyof DockerImages): Promise<string> => {
    const [variable, standIn, official] = CHOICES[part];
    const set = process.env[variable];
    if (set !== undefined && set !== '') return set;
    const present = await docker('image', 'ls', '--quiet', standIn!);
    return present === '' ? official! : standIn!;
  };
  return { nats: await choose('nats'), postgres: await choose('postgres'), node: await choose('node') };
}

/** Removes images that a test had built; one that is not there is none left. */
export async function removeImages(images: readonly string[]): Promise<void> {
  for (const image of images) {
    if ((await docker('image', 'ls', '--quiet', image)) !== '') await docker('image', 'rm', '--force', image);
  }
}

/** `container <name>`, `network <name>`, `volume <name>` of an environment that still exist; empty when all is gone. */
export async function dockerLeftovers(environmentId: string): Promise<string[]> {
  const filter = ['--filter', `label=com.docker.compose.project=${environmentId}`];
  const [containers, networks, volumes] = await Promise.all([
    docker('ps', '--all', ...filter, '--format', 'container {{.Names}}'),
    docker('network', 'ls', ...filter, '--format', 'network {{.Name}}'),
    docker('volume', 'ls', ...filter, '--format', 'volume {{.Name}}'),
  ]);
  return [containers, networks, volumes].flatMap((text) => text.split('\n').filter((line) => line !== ''));
}
