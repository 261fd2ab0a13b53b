import { DevenvError } from '../errors.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Call } from './engine.ts';
import { endpointsOf } from './probe.ts';
import type { World } from './world.ts';

/** An environment that works needs a moment for it; one that does not is tried again at the next probe. */
const CLEAR_WITHIN_MS = 10_000;

/**
 * Removes what probes left that were killed. After the probes, not before: by then the worker has had what came before
 * them, and what it has not is not delivered any more. Never changes how the command ends.
 */
export async function clearProbeRemains(world: World, deployment: Deployment, call: Call): Promise<void> {
  const { environment, topology } = deployment;
  const { remains } = world;
  const marks = remains.marks(environment);
  const note = (level: 'info' | 'warn', text: string) => call.emit({ type: 'note', level, text });
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(CLEAR_WITHIN_MS)]);
  try {
    const orphans = await marks.orphans();
    for (const mark of orphans) {
      const context = { topology, endpoints: endpointsOf(deployment) };
      const { messages, rows } = await remains.remove(mark, context, signal);
      await marks.erase(mark.key);
      if (messages + rows > 0)
        note(
          'info',
          `removed what a killed probe had left: ${messages} messages, ${rows} rows of ${mark.key}`,
        );
    }
  } catch (error) {
    call.signal.throwIfAborted();
    const why = error instanceof DevenvError ? error.message : String(error);
    note(
      'warn',
      `what a killed probe left is still there, and the next probe tries again to remove it: ${why}`,
    );
  }
}
