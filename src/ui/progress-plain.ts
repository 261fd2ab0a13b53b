import type { DevenvEvent } from '../events.ts';
import { eventText } from './event-text.ts';
import type { Progress, ProgressOptions } from './progress.ts';

/** A download tells its progress hundreds of times a second; a log wants to hear of it once in a while. */
const PROGRESS_EVERY_MS = 1000;

/** One line per event with the seconds since the start: `[+0.412s] nats: started (no container)`. */
export function createPlain({
  stderr,
  style,
  now,
  verbose,
  quiet,
}: ProgressOptions & { quiet: boolean }): Progress {
  const start = now();
  const titles = new Map<string, string>();
  const running = new Set<string>();
  const lastProgress = new Map<string, { at: number; text: string }>();
  const titleOf = (id: string): string => titles.get(id) ?? id;

  /** Progress that repeats itself or comes too fast. */
  function tooSoon(event: DevenvEvent): boolean {
    if (event.type !== 'step-progress') return false;
    const last = lastProgress.get(event.id);
    const at = now();
    const percent =
      event.done === undefined || event.total === undefined ? '' : `${event.done}/${event.total}`;
    const text = `${event.text} ${percent}`;
    if (last !== undefined && (last.text === text || at - last.at < PROGRESS_EVERY_MS)) return true;
    lastProgress.set(event.id, { at, text });
    return false;
  }

  return {
    emit(event) {
      if (event.type === 'step-started') {
        titles.set(event.id, event.title);
        running.add(event.id);
      }
      if (event.type === 'step-done' || event.type === 'step-failed') running.delete(event.id);
      if (tooSoon(event)) return;
      const text = eventText(event, { style, titleOf, isRunning: (id) => running.has(id), quiet, verbose });
      if (text === undefined) return;
      const seconds = ((now() - start) / 1000).toFixed(3);
      stderr.write(`${style.dim(`[+${seconds}s]`)} ${text}\n`);
    },
    end: async () => {},
    abandon: () => {},
  };
}
