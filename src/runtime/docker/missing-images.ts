import { LABELS } from '../../render/labels.ts';
import type { Deployment } from '../../topology/deployment.ts';
import type { MissingPart } from '../runtime.ts';
import type { Assets } from './assets.ts';
import { type EngineClient, EngineError } from './engine-client.ts';
import { builtImages } from './rendering.ts';

/** What an image is for, so that a failure can name the setting that replaces it. */
export interface NeededImage {
  image: string;
  /** `nats.image in devenv.yaml or DEVENV_NATS_IMAGE` */
  setting: string;
}

interface ImageOnEngine {
  Id: string;
  Config: { Labels: Record<string, string> | null };
}

/** The images that are taken from a registry when they are not here. */
export function neededImages({ topology }: Deployment): NeededImage[] {
  const needed: NeededImage[] = [
    { image: topology.nats.image, setting: 'nats.image in devenv.yaml or DEVENV_NATS_IMAGE' },
    { image: topology.postgres.image, setting: 'postgres.image in devenv.yaml or DEVENV_POSTGRES_IMAGE' },
  ];
  if (topology.services.some(({ source }) => source.kind === 'command'))
    needed.push(nodeImage(topology.nodeImage));
  for (const { name, source } of topology.services)
    if (source.kind === 'image')
      needed.push({ image: source.image, setting: `services.${name}.image in devenv.yaml` });
  return needed.filter(({ image }, index) => needed.findIndex((other) => other.image === image) === index);
}

export const nodeImage = (image: string): NeededImage => ({
  image,
  setting: 'nodeImage in devenv.yaml or DEVENV_NODE_IMAGE',
});

/** One part per image that is not on the engine, pulls first. */
export async function missingImages(
  client: EngineClient,
  assets: Assets,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<MissingPart[]> {
  const { topology } = deployment;
  const pulls = neededImages(deployment);
  const builds = Object.values(builtImages(deployment));
  const [pulled, built, app] = await Promise.all([
    Promise.all(pulls.map(async ({ image }) => ({ image, found: await findImage(client, image, signal) }))),
    Promise.all(builds.map(async (image) => ({ image, found: await findImage(client, image, signal) }))),
    topology.services.some(({ source }) => source.kind === 'builtin')
      ? missingApp(client, assets.appImage(topology.nodeImage), topology.nodeImage, signal)
      : [],
  ]);
  const absent = pulled.filter(({ found }) => !found).map(({ image }) => pullPart(image));
  const parts = [
    ...absent,
    ...app.filter(({ name }) => !absent.some((part) => part.name === name)),
    ...built
      .filter(({ found }) => !found)
      .map(({ image }) => buildPart(image, 'its build context has not been built yet')),
  ];
  return parts;
}

async function missingApp(
  client: EngineClient,
  image: string,
  base: string,
  signal: AbortSignal,
): Promise<MissingPart[]> {
  const [app, node] = await Promise.all([findImage(client, image, signal), findImage(client, base, signal)]);
  if (app === undefined) {
    const build = buildPart(image, 'this version of the pipeline has not been built yet');
    return node === undefined ? [pullPart(base), build] : [build];
  }
  // Once built it runs without its base; a base that is here and another one is a reason to build again.
  const stale = node !== undefined && app.Config.Labels?.[LABELS.base] !== node.Id;
  return stale ? [buildPart(image, `its base ${base} changed`)] : [];
}

const pullPart = (image: string): MissingPart => ({
  name: `image ${image}`,
  kind: 'image',
  cause: 'no image of that name on this engine',
});

const buildPart = (image: string, cause: string): MissingPart => ({
  name: `image ${image}`,
  kind: 'build',
  cause,
});

/** `image nats:2.15.1-alpine` → `nats:2.15.1-alpine` */
export const imageOf = ({ name }: MissingPart): string => name.replace(/^image /, '');

export async function findImage(
  client: EngineClient,
  image: string,
  signal: AbortSignal,
): Promise<ImageOnEngine | undefined> {
  try {
    return await client.call<ImageOnEngine>('GET', `/images/${image}/json`, { signal });
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
}
