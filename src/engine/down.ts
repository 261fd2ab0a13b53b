import { DevenvError } from '../errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Environment } from '../topology/deployment.ts';
import type { RuntimeKind } from '../topology/model.ts';
import type { Call, DownResult } from './engine.ts';
import { explained } from './explained.ts';
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
    const { emit, signal } = call;
    const removed: string[] = [];
    let unreached: DevenvError | undefined;
    for (const runtime of await runtimesToClear(world, state, signal)) {
      try {
        const remove = () => runtime.remove(environment, { volumes }, { stepId: 'down', emit, signal });
        removed.push(...(await explained(runtime, signal, remove)));
      } catch (error) {
        // Where it ran earlier may be out of reach; what runs now is stopped all the same.
        if (!(error instanceof DevenvError) || !state?.earlier.includes(runtime.kind)) throw error;
        unreached = error;
        emit({ type: 'note', level: 'warn', text: leftOn(runtime.kind, environment, error) });
      }
    }
    await world.ports.release(environment, signal);
    // Its state is all that still knows of what is left.
    if (volumes && unreached !== undefined) throw unreached;
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

const leftOn = (kind: RuntimeKind, { name }: Environment, { message }: DevenvError): string =>
  `${name} ran on the ${kind} runtime before; what it left there stays until the next \`devenv down\` (${message})`;

/** Those it is known to have run on; without a state file both, for a killed `up` may have left something on either. */
async function runtimesToClear(
  world: World,
  state: State | null,
  signal: AbortSignal,
): Promise<readonly Runtime[]> {
  if (state !== null) {
    const kinds = new Set([state.runtime, ...state.earlier]);
    return Promise.all([...kinds].map((kind) => world.runtime(kind)));
  }
  const [local, docker] = await Promise.all([world.runtime('process'), world.runtime('docker')]);
  try {
    await docker.check(signal);
    return [local, docker];
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DevenvError)) throw error;
    return [local];
  }
}
