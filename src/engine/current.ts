import { DevenvError } from '../errors.ts';
import type { ObservedService, Runtime } from '../runtime/runtime.ts';
import type { Deployment, Environment, Secrets } from '../topology/deployment.ts';
import type { RuntimeKind } from '../topology/model.ts';
import { explained } from './explained.ts';
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
  const known = state && (await world.state.loadSecrets(environment));
  if (state === null || known === null) {
    const traces = await tracesOn(world, environment, state?.runtime, signal);
    if (traces.length > 0)
      throw forgotten(environment, traces, state === null ? 'state.json' : 'secrets.json');
    return null;
  }
  const runtime = await world.runtime(state.runtime);
  const services = await explained(runtime, signal, () => runtime.observe(environment, signal));
  if (services.length === 0) return null;
  // A user declared since the last `up` gets credentials with the next one; until then nothing accepts these.
  const secrets: Secrets = await world.secretsFor(topology, known);
  const deployment = { environment, runtime: state.runtime, topology, ports: state.ports, secrets };
  return { state, runtime, deployment, services };
}

/** What is seen of an environment of which devenv remembers no runtime, or too little. */
async function tracesOn(
  world: World,
  environment: Environment,
  kind: RuntimeKind | undefined,
  signal: AbortSignal,
): Promise<readonly ObservedService[]> {
  const kinds = kind === undefined ? (['process', 'docker'] as const) : [kind];
  for (const candidate of kinds) {
    const runtime = await world.runtime(candidate);
    try {
      if (candidate === 'docker') await runtime.check(signal);
      const services = await runtime.observe(environment, signal);
      if (services.length > 0) return services;
    } catch (error) {
      signal.throwIfAborted();
      // A runtime that cannot be used shows nothing.
      if (!(error instanceof DevenvError)) throw error;
    }
  }
  return [];
}

const forgotten = (
  { name, stateDir }: Environment,
  traces: readonly ObservedService[],
  file: string,
): DevenvError =>
  new DevenvError(
    'STATE_UNREADABLE',
    `${traces.map(({ service }) => service).join(', ')} of environment "${name}" can be seen, but ${stateDir} holds no ${file}`,
    { hint: '`devenv up` puts it right; `devenv down` takes down what is there.' },
  );

/** As findCurrent; throws ENVIRONMENT_NOT_RUNNING instead of null. */
export async function requireCurrent(world: World, project: Project, signal: AbortSignal): Promise<Current> {
  const current = await findCurrent(world, project, signal);
  if (current !== null) return current;
  const { name, projectDir } = project.environment;
  throw new DevenvError('ENVIRONMENT_NOT_RUNNING', `environment "${name}" of ${projectDir} is not running`, {
    hint: 'Start it with `devenv up`, or name another one with --name.',
  });
}
