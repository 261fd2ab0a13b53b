import { DevenvError } from '../../errors.ts';
import type { Environment } from '../../topology/deployment.ts';
import type { Runtime } from '../runtime.ts';
import { type AssetFolders, Assets } from './assets.ts';
import { checkDocker } from './check.ts';
import { configurationsOf, reloadServers } from './configurations.ts';
import { type Container, listContainers } from './containers.ts';
import type { Variables } from './endpoint.ts';
import { EngineClient } from './engine-client.ts';
import { OwnStops, watchExits } from './exits.ts';
import { readLogs } from './logs.ts';
import { missingImages } from './missing-images.ts';
import { observeEnvironment } from './observe.ts';
import { prepareImages } from './prepare.ts';
import { removeEnvironment } from './remove.ts';
import { render } from './rendering.ts';
import { startServices } from './start.ts';

export interface DockerRuntimeOptions extends AssetFolders {
  env: Variables;
}

/** Services as containers: Compose creates them, the engine API does everything else. */
export function createDockerRuntime({ env, ...folders }: DockerRuntimeOptions): Runtime {
  const client = new EngineClient(env);
  const assets = new Assets(folders);
  const ownStops = new OwnStops();

  const containersOf = async (
    environment: Environment,
    services: readonly string[],
    signal: AbortSignal,
  ): Promise<Container[]> => {
    const found = (await listContainers(client, environment, signal)).filter(({ service }) =>
      services.includes(service),
    );
    const absent = services.filter((service) => !found.some((container) => container.service === service));
    if (absent.length === 0) return found;
    throw new DevenvError(
      'ENVIRONMENT_NOT_RUNNING',
      `${absent.join(', ')} of environment "${environment.name}" does not run.`,
      {
        hint: 'Run `devenv up` first.',
      },
    );
  };

  return {
    kind: 'docker',
    check: (signal) => checkDocker(client, signal),
    definitionHashes: (deployment) => render(deployment, assets).hashes,
    observe: (environment, signal) => observeEnvironment(client, environment, signal),
    missing: (deployment, signal) => missingImages(client, assets, deployment, signal),
    prepare: (deployment, parts, context) => prepareImages(client, assets, deployment, parts, context),
    start: (deployment, services, context) =>
      startServices(client, assets, deployment, services, { ownStops, context }),
    configurations: (deployment) => configurationsOf(deployment, assets),
    async reload(deployment, services, { signal }) {
      const containers = await containersOf(deployment.environment, services, signal);
      await reloadServers(client, assets, deployment, containers, signal);
    },
    exits: (environment, signal) => watchExits(client, environment, { ownStops, signal }),

    async kill(environment, service, signal) {
      const containers = await containersOf(environment, [service], signal);
      const running = containers.find(({ state }) => state === 'running');
      if (running === undefined) return;
      const path = `/containers/${running.id}`;
      await client.call('POST', `${path}/kill`, { query: { signal: 'SIGKILL' }, signal });
      // The engine takes a kill for an intended stop and does not apply the restart policy: bring it back here.
      await client.call('POST', `${path}/wait`, { query: { condition: 'not-running' }, signal });
      await client.call('POST', `${path}/start`, { signal });
    },

    async restart(environment, services, { signal }) {
      const containers = await containersOf(environment, services, signal);
      const ids = containers.map(({ id }) => id);
      await ownStops.during(ids, () =>
        Promise.all(ids.map((id) => client.call('POST', `/containers/${id}/restart`, { signal }))),
      );
    },

    remove: (environment, options, context) =>
      removeEnvironment(client, environment, options, { ownStops, context }),
    logs: (environment, query, signal) => readLogs(client, environment, query, signal),
  };
}
