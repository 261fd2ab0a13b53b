import { DevenvError } from '../errors.ts';
import type { RuntimeKind } from '../topology/model.ts';
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
    for (const kind of await runtimesToClear(world, state, call.signal)) {
      const runtime = await world.runtime(kind);
      const context = { stepId: 'down', emit: call.emit, signal: call.signal };
      removed.push(...(await runtime.remove(environment, { volumes }, context)));
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

async function runtimesToClear(
  world: World,
  state: State | null,
  signal: AbortSignal,
): Promise<RuntimeKind[]> {
  if (state?.runtime === 'process') return ['process'];
  try {
    await (await world.runtime('docker')).check(signal);
    return ['process', 'docker'];
  } catch (error) {
    signal.throwIfAborted();
    // Its containers may still exist on the engine that does not answer; saying "nothing runs" would be a guess.
    if (state?.runtime === 'docker' || !(error instanceof DevenvError)) throw error;
    return ['process'];
  }
}
