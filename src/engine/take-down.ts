import type { Attempt } from './attempt.ts';

/** What an interrupted or failed first `up` started is taken down again; this bounds the taking down. */
const CLEAN_UP_WITHIN_MS = 30_000;

/** Of its own, because the caller's may be what has just fired. */
export const cleanUpSignal = (): AbortSignal => AbortSignal.timeout(CLEAN_UP_WITHIN_MS);

/**
 * Nothing of this environment ran before, so nothing is left running now. Data that an earlier `up` had made is kept;
 * data of this one goes with it. Never throws: the error that led here is the one to tell.
 */
export async function takeDown({ world, project, call, chosen, before }: Attempt): Promise<void> {
  const { environment } = project;
  const signal = cleanUpSignal();
  const stepId = 'clean-up';
  try {
    const context = { stepId, emit: call.emit, signal };
    const removed = await chosen.runtime.remove(environment, { volumes: before === null }, context);
    await world.ports.release(environment, signal);
    if (before === null) await world.state.remove(environment);
    if (removed.length > 0)
      call.emit({ type: 'note', level: 'info', text: `taken down again: ${removed.join(', ')}` });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    call.emit({
      type: 'note',
      level: 'warn',
      text: `not everything could be taken down (${why}); run \`devenv down\``,
    });
  }
}
