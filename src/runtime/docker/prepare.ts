import { DevenvError } from '../../errors.ts';
import type { Deployment } from '../../topology/deployment.ts';
import type { MissingPart, StepContext } from '../runtime.ts';
import type { Assets } from './assets.ts';
import { buildPipeline, buildService } from './build.ts';
import type { EngineClient } from './engine-client.ts';
import { imageOf, neededImages, nodeImage } from './missing-images.ts';
import { pullImage } from './pull.ts';
import { builtImages } from './rendering.ts';

/** Pulls side by side, then builds, which may stand on what was pulled. The first failure ends the others. */
export async function prepareImages(
  client: EngineClient,
  assets: Assets,
  deployment: Deployment,
  parts: readonly MissingPart[],
  context: StepContext,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const all = async (works: readonly Promise<void>[]): Promise<void> => {
    const guarded = works.map((work) =>
      work.catch((error) => {
        failed.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(guarded);
    if (failed.signal.aborted) throw failed.signal.reason;
  };

  const settings = [...neededImages(deployment), nodeImage(deployment.topology.nodeImage)];
  const settingOf = (image: string) =>
    settings.find((needed) => needed.image === image)?.setting ?? 'devenv.yaml';
  const pulls = parts.filter(({ kind }) => kind === 'image').map(imageOf);
  await all(
    pulls.map((image) => pullImage(client, { image, setting: settingOf(image) }, { ...context, signal })),
  );

  const builds = parts.filter(({ kind }) => kind === 'build').map(imageOf);
  await all(builds.map((image) => build(image)));

  function build(image: string): Promise<void> {
    const service = serviceBuiltAs(deployment, image);
    if (service !== undefined)
      return buildService(client, deployment, { service, image }, { ...context, signal });
    if (image === assets.appImage(deployment.topology.nodeImage))
      return buildPipeline(
        client,
        assets,
        { image, base: deployment.topology.nodeImage },
        { ...context, signal },
      );
    return Promise.reject(
      new DevenvError('BUILD_FAILED', `${image} is not an image of this environment any more.`, {
        hint: 'A build context changed in the meantime; run the command again.',
      }),
    );
  }
}

function serviceBuiltAs(deployment: Deployment, image: string): string | undefined {
  return Object.entries(builtImages(deployment)).find(([, name]) => name === image)?.[0];
}
