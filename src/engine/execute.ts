import { describeError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Action, Step } from './plan.ts';

/** Does what one action says; resolves to a short text for the step's line, or to nothing. */
export type Perform = (action: Action, step: Step, signal: AbortSignal) => Promise<string | undefined>;

/**
 * Runs a plan: every step as soon as what it depends on is done, side by side where it can. Carries no decision
 * logic. The first failure aborts what runs (unless the step is isolated), skips what waits for it, and is
 * thrown once everything has come to rest.
 */
export async function execute(
  steps: readonly Step[],
  perform: Perform,
  { emit, signal, now }: { emit: Emit; signal: AbortSignal; now: () => number },
): Promise<void> {
  const failed = new AbortController();
  const all = AbortSignal.any([signal, failed.signal]);
  const runs = new Map<string, Promise<boolean>>();
  let isolatedFailure: unknown;

  const run = async (step: Step): Promise<boolean> => {
    const before = await Promise.all(step.dependsOn.map((id) => runs.get(id) ?? true));
    if (all.aborted || before.includes(false)) {
      emit({ type: 'step-skipped', id: step.id, title: step.title, reason: 'an earlier step failed' });
      return false;
    }
    const started = now();
    emit({ type: 'step-started', id: step.id, title: step.title, cause: step.cause });
    try {
      const detail = await perform(step.action, step, all);
      emit({
        type: 'step-done',
        id: step.id,
        ms: now() - started,
        ...(detail === undefined ? {} : { detail }),
      });
      return true;
    } catch (error) {
      // What fails because something else failed first is an echo, not a cause.
      const reason = all.aborted ? all.reason : error;
      if (!all.aborted && step.isolated !== true) failed.abort(error);
      isolatedFailure ??= error;
      emit({ type: 'step-failed', id: step.id, ms: now() - started, error: describeError(reason) });
      return false;
    }
  };

  for (const step of steps) runs.set(step.id, run(step));
  await Promise.all(runs.values());
  if (failed.signal.aborted) throw failed.signal.reason;
  signal.throwIfAborted();
  if (isolatedFailure !== undefined) throw isolatedFailure;
}
