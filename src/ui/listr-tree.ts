import {
  DefaultRenderer,
  Listr,
  ListrDefaultRendererLogLevels,
  type ListrDefaultRendererTask,
  ListrLogger,
  ListrTaskState,
  ProcessOutput,
} from 'listr2';
import type { DevenvEvent, HopStatus } from '../events.ts';
import { exitText, probeStep, progressText } from './event-text.ts';
import type { ProgressOptions } from './progress.ts';
import { printable } from './safe-text.ts';
import { spokenDuration } from './units.ts';

export interface ListrTree {
  emit(event: DevenvEvent): void;
  /** Draws the last frame, shows the cursor again and lets go of the stream. Unfinished tasks are told so. */
  end(): void;
}

/**
 * listr2's renderer, driven by events instead of by functions: the engine already runs the steps, so a task here is
 * only the state of one, and `Listr.run` is never called.
 */
export async function startListrTree({
  stderr,
  style,
}: Pick<ProgressOptions, 'stderr' | 'style'>): Promise<ListrTree> {
  const list = new Listr([], {
    renderer: 'default',
    exitOnError: false,
    registerSignalListeners: false,
  });
  const stream = stderr as NodeJS.WriteStream;
  const output = new ProcessOutput(stream, stream, { leaveEmptyLine: false });
  const renderer = new DefaultRenderer(
    // The same array, so that added tasks appear; only the type of the fallback renderer differs.
    list.tasks as unknown as ListrDefaultRendererTask[],
    {
      collapseSubtasks: false,
      collapseErrors: true,
      logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: output }),
      icon: { [ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: '•' },
    },
    list.events,
  );
  const tasks = new Map<string, { task: (typeof list.tasks)[number]; title: string; aside?: string }>();
  /** Probes that are no step of a plan: those of `devenv probe`. */
  const ownProbes = new Set<string>();
  let ended = false;
  const line = (...parts: string[]): string =>
    printable(parts.filter((part) => part !== '').join(' '), { colour: style.coloured }).replaceAll(
      '\n',
      ' ',
    );

  function open(key: string, title: string, aside?: string): void {
    list.add({ title: line(title, aside === undefined ? '' : style.dim(`(${aside})`)), task: () => {} });
    const task = list.tasks.at(-1)!;
    void task.check({});
    task.state$ = ListrTaskState.STARTED;
    tasks.set(key, { task, title, ...(aside === undefined ? {} : { aside }) });
  }

  function close(key: string, state: 'COMPLETED' | 'FAILED' | 'SKIPPED', ...parts: (string | undefined)[]) {
    const entry = tasks.get(key);
    if (entry === undefined) return;
    const told = parts.filter((part) => part !== undefined && part !== '').join('; ');
    const title =
      state === 'FAILED'
        ? line(`${entry.title}: ${told}`)
        : line(entry.title, told && style.dim(`(${told})`));
    if (state === 'FAILED') entry.task.message$ = { error: title };
    if (state === 'SKIPPED') entry.task.message$ = { skip: title };
    entry.task.title$ = title;
    entry.task.state$ = ListrTaskState[state];
    tasks.delete(key);
  }

  /** A line that is no step of its own; it keeps its place among the steps. */
  function remark(text: string) {
    const key = `remark ${list.tasks.length}`;
    open(key, text);
    close(key, 'SKIPPED');
  }

  function tell(key: string, text: string) {
    const entry = tasks.get(key);
    if (entry !== undefined) entry.task.output$ = line(text);
  }

  function show(event: DevenvEvent): void {
    switch (event.type) {
      case 'step-started':
        open(event.id, event.title, event.cause);
        break;
      case 'step-progress':
        tell(event.id, progressText(event));
        break;
      case 'step-done':
        // The cause stays: on a damaged environment it is the answer to `why was this done?`.
        close(event.id, 'COMPLETED', tasks.get(event.id)?.aside, event.detail, spokenDuration(event.ms));
        break;
      case 'step-failed':
        close(event.id, 'FAILED', `failed after ${spokenDuration(event.ms)}: ${event.error.message}`);
        break;
      case 'probe-started':
        if (tasks.has(probeStep(event.probe))) break;
        ownProbes.add(event.probe);
        open(probeStep(event.probe), `probe ${event.probe}`, event.summary);
        break;
      case 'probe-hop':
        tell(probeStep(event.probe), `${event.hop} (${spokenDuration(event.ms)})`);
        break;
      case 'probe-done':
        if (!ownProbes.delete(event.probe)) break;
        close(
          probeStep(event.probe),
          PROBE_STATE[event.status],
          event.status === 'failed' ? `broken at: ${event.brokenHop ?? 'unknown'}` : event.status,
          spokenDuration(event.ms),
        );
        break;
      case 'note':
        remark(event.level === 'warn' ? `warning: ${event.text}` : event.text);
        break;
      case 'service-exited':
        remark(exitText(event, style));
        break;
      // The failed step says it for all that wait for it.
      case 'step-skipped':
      case 'plan':
        break;
    }
  }

  await renderer.render();
  return {
    emit: (event) => {
      if (!ended) show(event);
    },
    end() {
      if (ended) return;
      ended = true;
      for (const key of [...tasks.keys()]) close(key, 'FAILED', 'not finished');
      renderer.end();
    },
  };
}

const PROBE_STATE = { passed: 'COMPLETED', failed: 'FAILED', skipped: 'SKIPPED' } as const satisfies Record<
  HopStatus,
  string
>;
