import { join } from 'node:path';
import { readStamped, writeInPlace } from '../../adapters/files.ts';
import { natsConfFile } from '../../render/compose-services.ts';
import type { Deployment } from '../../topology/deployment.ts';
import { natsServers } from '../../topology/servers.ts';
import type { ServerConfiguration } from '../runtime.ts';
import type { Assets } from './assets.ts';
import type { Container } from './containers.ts';
import type { EngineClient } from './engine-client.ts';
import { render } from './rendering.ts';

export function configurationsOf(
  deployment: Deployment,
  assets: Assets,
): Promise<readonly ServerConfiguration[]> {
  return Promise.all(
    confFiles(deployment, assets).map(async ({ service, path, content }) => {
      const seen = await readStamped(path);
      return {
        service,
        path,
        wanted: content,
        ...(seen === undefined ? {} : { found: seen }),
        pinned: true,
      };
    }),
  );
}

/** Into the file that is mounted: one that took its place would not be seen inside the container. */
export async function reloadServers(
  client: EngineClient,
  assets: Assets,
  deployment: Deployment,
  containers: readonly Container[],
  signal: AbortSignal,
): Promise<void> {
  for (const { service, path, content, mode } of confFiles(deployment, assets))
    if (containers.some((container) => container.service === service))
      await writeInPlace(path, content, { mode });
  const running = containers.filter(({ state }) => state === 'running');
  await Promise.all(
    running.map(({ id }) =>
      client.call('POST', `/containers/${id}/kill`, { query: { signal: 'SIGHUP' }, signal }),
    ),
  );
}

function confFiles(deployment: Deployment, assets: Assets) {
  const { files } = render(deployment, assets);
  return natsServers(deployment.topology).flatMap((server) => {
    const file = files.find(({ path }) => path === natsConfFile(server));
    if (file === undefined) return [];
    const { content, mode } = file;
    return [
      { service: server.service, path: join(deployment.environment.stateDir, file.path), content, mode },
    ];
  });
}
