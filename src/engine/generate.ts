import type { Deployment } from '../topology/deployment.ts';
import type { Call } from './engine.ts';
import type { Project } from './project.ts';
import type { World } from './world.ts';

/** Files that run by plain `docker compose up`: the preferred ports, and credentials of their own. */
export async function generate(
  world: World,
  { environment, topology }: Project,
  directory: string,
  options: { force: boolean },
  { signal }: Call,
): Promise<readonly string[]> {
  signal.throwIfAborted();
  const deployment: Deployment = {
    environment,
    runtime: 'docker',
    topology,
    ports: Object.fromEntries(topology.ports.map(({ name, preferred }) => [name, preferred])),
    secrets: await world.secretsFor(topology, null),
  };
  return world.writeStandalone(deployment, directory, options);
}
