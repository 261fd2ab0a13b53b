import { DevenvError } from '../errors.ts';
import type { ObservedService, Runtime } from '../runtime/runtime.ts';
import type { Environment } from '../topology/deployment.ts';
import type { RuntimeKind, Topology } from '../topology/model.ts';
import type { Call } from './engine.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

export interface ChosenRuntime {
  runtime: Runtime;
  /** What exists of the environment on it. */
  services: readonly ObservedService[];
}

/**
 * Which runtime this `up` uses: the one on which the environment already exists, else the one asked for, else docker
 * when an engine answers and process when none does. Says in one line what it took and why.
 */
export async function chooseRuntime(
  world: World,
  { environment, topology }: { environment: Environment; topology: Topology },
  wanted: 'auto' | RuntimeKind,
  state: State | null,
  { emit, signal }: Call,
): Promise<ChosenRuntime> {
  const say = (text: string) => emit({ type: 'note', level: 'info', text });
  // Without a memory of it, processes are the ones to look for: nothing else would notice a second copy beside them.
  const remembered = state?.runtime ?? (wanted === 'process' ? undefined : 'process');
  const existing = remembered && (await existingOn(world, environment, remembered, wanted, signal));
  if (existing) {
    if (wanted !== 'auto' && wanted !== existing.runtime.kind)
      throw runsElsewhere(environment, existing.runtime.kind, wanted);
    return existing;
  }
  if (wanted !== 'auto') {
    const runtime = await world.runtime(wanted);
    const { summary } = await runtime.check(signal);
    say(`runtime ${wanted}: ${summary}`);
    return { runtime, services: await runtime.observe(environment, signal) };
  }
  const docker = await world.runtime('docker');
  try {
    const { summary } = await docker.check(signal);
    say(`runtime docker: ${summary}`);
    return { runtime: docker, services: await docker.observe(environment, signal) };
  } catch (error) {
    signal.throwIfAborted();
    // Services that exist only as images cannot move; then the reason against docker is the answer.
    if (!(error instanceof DevenvError) || needsDocker(topology)) throw error;
    return processInstead(world, environment, error, { emit, signal });
  }
}

/** The process runtime in place of docker, with the reason in one line. */
export async function processInstead(
  world: World,
  environment: Environment,
  reason: DevenvError,
  { emit, signal }: Call,
): Promise<ChosenRuntime> {
  const runtime = await world.runtime('process');
  await runtime.check(signal);
  emit({ type: 'note', level: 'info', text: `runtime process: docker cannot be used (${reason.message})` });
  return { runtime, services: await runtime.observe(environment, signal) };
}

async function existingOn(
  world: World,
  environment: Environment,
  kind: RuntimeKind,
  wanted: 'auto' | RuntimeKind,
  signal: AbortSignal,
): Promise<ChosenRuntime | null> {
  const runtime = await world.runtime(kind);
  try {
    if (kind === 'docker') await runtime.check(signal);
    const services = await runtime.observe(environment, signal);
    return services.length > 0 ? { runtime, services } : null;
  } catch (error) {
    signal.throwIfAborted();
    // The engine on which it ran does not answer: for `auto` that is a reason to look elsewhere, not to stop.
    if (wanted === kind || !(error instanceof DevenvError)) throw error;
    return null;
  }
}

/** Whether something runs only as an image. */
export const needsDocker = ({ services }: Topology): boolean =>
  services.some(({ source }) => source.kind === 'image' || source.kind === 'build');

const runsElsewhere = (environment: Environment, running: RuntimeKind, wanted: RuntimeKind): DevenvError =>
  new DevenvError(
    'USAGE',
    `environment "${environment.name}" runs on the ${running} runtime, --runtime says ${wanted}`,
    {
      hint: `Run \`devenv down --name ${environment.name}\` first, or give the second one another --name.`,
    },
  );
