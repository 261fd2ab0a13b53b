import type { Readable } from 'node:stream';
import { DevenvError } from '../../errors.ts';
import { LABELS } from '../../render/labels.ts';
import type { Deployment } from '../../topology/deployment.ts';
import type { StepContext } from '../runtime.ts';
import type { Assets } from './assets.ts';
import type { EngineClient } from './engine-client.ts';
import { findImage } from './missing-images.ts';
import { tarArchive } from './tar-archive.ts';

const LAST_LINES = 20;

interface BuildMessage {
  stream?: string;
  error?: string;
}

/** Builds the shipped pipeline's image through the engine API: every engine has that builder, buildx or not. */
export async function buildPipeline(
  client: EngineClient,
  assets: Assets,
  { image, base }: { image: string; base: string },
  { stepId, emit, signal }: StepContext,
): Promise<void> {
  const [docker, baseImage] = await Promise.all([client.dockerode(), findImage(client, base, signal)]);
  const labels = {
    [LABELS.role]: 'pipeline-image',
    [LABELS.version]: assets.version,
    ...(baseImage && { [LABELS.base]: baseImage.Id }),
  };
  const stream = (await docker.buildImage(tarArchive(assets.context) as unknown as NodeJS.ReadableStream, {
    t: image,
    buildargs: { NODE_IMAGE: base },
    labels,
    forcerm: true,
    abortSignal: signal,
  })) as Readable;
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) =>
        error ? reject(signal.aborted ? signal.reason : failure(image, error.message, lines)) : resolve(),
      ({ stream: text, error }: BuildMessage) => {
        const line = (error ?? text ?? '').trim();
        if (line === '') return;
        lines.push(line);
        emit({ type: 'step-progress', id: stepId, text: `${image}: ${line}` });
      },
    );
  });
}

/** Builds a service of the user's with the docker command, which knows .dockerignore, buildx and the user's registries. */
export async function buildService(
  client: EngineClient,
  { environment, topology }: Deployment,
  { service, image }: { service: string; image: string },
  { stepId, emit, signal }: StepContext,
): Promise<void> {
  const source = topology.services.find(({ name }) => name === service)?.source;
  if (source?.kind !== 'build') throw new Error(`"${service}" is not built`);
  const { execa } = await import('execa');
  const { host } = await client.endpoint();
  const labels = { [LABELS.environment]: environment.id, [LABELS.service]: service };
  const build = execa(
    'docker',
    [
      'build',
      ...['--tag', image],
      ...(source.dockerfile ? ['--file', source.dockerfile] : []),
      ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      source.context,
    ],
    {
      cwd: source.context,
      env: { ...client.env, DOCKER_HOST: host, DOCKER_CONTEXT: undefined, BUILDKIT_PROGRESS: 'plain' },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      all: true,
      cancelSignal: signal,
      detached: true,
    },
  );
  const lines: string[] = [];
  for await (const line of build.iterable({ from: 'all' })) {
    if (line.trim() === '') continue;
    lines.push(line);
    emit({ type: 'step-progress', id: stepId, text: `${service}: ${line.trim()}` });
  }
  const { failed, shortMessage } = await build;
  signal.throwIfAborted();
  if (failed) throw failure(image, lines.at(-1) ?? shortMessage ?? 'no output', lines);
}

const failure = (image: string, reason: string, lines: readonly string[]): DevenvError =>
  new DevenvError(
    'BUILD_FAILED',
    `The image ${image} could not be built: ${reason.replaceAll(/\s+/g, ' ')}`,
    {
      hint: 'The last lines of the build are above.',
      details: lines.slice(-LAST_LINES),
    },
  );
