import { DevenvError } from '../errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Environment } from '../topology/deployment.ts';
import type { Call, DownResult } from './engine.ts';
import type { Project } from './project.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

/**
 * Removes what exists of the environment, whatever the state file says: a killed `up` may have left services that
 * no file knows of.
 */
export async function down(
  world: World,
  { environment }: Project,
  { volumes }: { volumes: boolean },
  call: Call,
): Promise<DownResult> {
  return world.lock(environment, call, async () => {
    const started = world.now();
    const state = await readable(world.state.load(environment), volumes, call);
    const removed: string[] = [];
    for (const runtime of await runtimesToClear(world, environment, state, call.signal)) {
      removed.push(...(await clear(runtime, environment, volumes, call)));
    }
    await world.ports.release(environment, call.signal);
    if (volumes && (await world.state.remove(environment))) removed.push('state');
    return { environment: environment.name, removed, ms: world.now() - started };
  });
}

/** With `--volumes` a state file that cannot be parsed is about to be deleted anyway; one from the future is not ours. */
async function readable(
  loading: Promise<State | null>,
  volumes: boolean,
  { emit }: Call,
): Promise<State | null> {
  try {
    return await loading;
  } catch (error) {
    if (!volumes || !(error instanceof DevenvError) || error.code !== 'STATE_UNREADABLE') throw error;
    emit({ type: 'note', level: 'warn', text: error.message });
    return null;
  }
}

/** The one it is known to run on, and the other one where something of it is seen. */
async function runtimesToClear(
  world: World,
  environment: Environment,
  state: State | null,
  signal: AbortSignal,
): Promise<Runtime[]> {
  const local = await world.runtime('process');
  if (state?.runtime === 'process') return [local];
  const docker = await world.runtime('docker');
  const traces = await local.observe(environment, signal);
  if (state?.runtime === 'docker') return traces.length > 0 ? [docker, local] : [docker];
  try {
    await docker.check(signal);
    return [local, docker];
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DevenvError)) throw error;
    return [local];
  }
}

async function clear(runtime: Runtime, environment: Environment, volumes: boolean, { emit, signal }: Call) {
  try {
    return await runtime.remove(environment, { volumes }, { stepId: 'down', emit, signal });
  } catch (error) {
    signal.throwIfAborted();
    // An engine that does not answer is better explained by the check, which would be wasted on one that does.
    if (!(error instanceof DevenvError)) await runtime.check(signal);
    throw error;
  }
}
