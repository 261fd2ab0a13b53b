import { interpolated } from '../doctor/compose/interpolation.ts';
import type { YamlText } from '../doctor/facts.ts';
import { NEWEST_NATS, natsVersionOfImage } from '../doctor/nats-versions.ts';
import type { StaticSources } from './static-sources.ts';

/** Of the server that will read the files: what was asked for wins over the image that will run, and that over the version declared. */
export function readVersion(
  { natsVersion, config, env = {} }: StaticSources,
  composes: readonly YamlText[],
  manifests: readonly YamlText[],
): { version: string; origin: string } {
  if (natsVersion !== undefined) return { version: natsVersion, origin: '--nats-version' };
  for (const { file, value } of composes) {
    for (const written of imagesOf(value)) {
      const image = interpolated(written, env);
      const version = natsVersionOfImage(image);
      if (version !== undefined) return { version, origin: `image ${image} in ${file}` };
    }
  }
  if (config) return { version: config.topology.nats.version, origin: 'nats.version' };
  for (const { file, value } of manifests) {
    for (const image of podImagesOf(value)) {
      const version = natsVersionOfImage(image);
      if (version !== undefined) return { version, origin: `image ${image} in ${file}` };
    }
  }
  return { version: NEWEST_NATS, origin: 'the newest that devenv knows' };
}

/** Of a Pod, or of what makes Pods. */
function podImagesOf(manifest: unknown): string[] {
  const spec = (manifest as { spec?: { template?: { spec?: unknown } } } | null)?.spec;
  return [spec, spec?.template?.spec].flatMap((pod) => {
    const containers = (pod as { containers?: unknown } | null | undefined)?.containers;
    return Array.isArray(containers)
      ? containers.flatMap((container: { image?: unknown } | null) =>
          typeof container?.image === 'string' ? [container.image] : [],
        )
      : [];
  });
}

function imagesOf(compose: unknown): string[] {
  const services = (compose as { services?: unknown } | undefined)?.services;
  if (typeof services !== 'object' || services === null) return [];
  return Object.values(services as Record<string, unknown>).flatMap((service) => {
    const image = (service as { image?: unknown } | null)?.image;
    return typeof image === 'string' ? [image] : [];
  });
}
