import { DevenvError } from '../errors.ts';
import type { ObservedService, Runtime } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Project } from './project.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

/** An environment of which something exists, put together from what devenv remembers and what it sees. */
export interface Current {
  state: State;
  runtime: Runtime;
  deployment: Deployment;
  services: readonly ObservedService[];
}

/** null when nothing of the environment exists. */
export async function findCurrent(
  world: World,
  project: Project,
  signal: AbortSignal,
): Promise<Current | null> {
  const { environment, topology } = project;
  const state = await world.state.load(environment);
  const secrets = state && (await world.state.loadSecrets(environment));
  if (state === null || secrets === null) return null;
  const runtime = await world.runtime(state.runtime);
  const services = await runtime.observe(environment, signal);
  if (services.length === 0) return null;
  const deployment = { environment, runtime: state.runtime, topology, ports: state.ports, secrets };
  return { state, runtime, deployment, services };
}

/** As findCurrent; throws ENVIRONMENT_NOT_RUNNING instead of null. */
export async function requireCurrent(world: World, project: Project, signal: AbortSignal): Promise<Current> {
  const current = await findCurrent(world, project, signal);
  if (current !== null) return current;
  const { name, projectDir } = project.environment;
  throw new DevenvError('ENVIRONMENT_NOT_RUNNING', `environment "${name}" of ${projectDir} is not running`, {
    hint: 'Start it with `devenv up`, or name another one with --name.',
  });
}
