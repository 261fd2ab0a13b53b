import type { DevenvEvent } from '../events.ts';
import { printable } from './safe-text.ts';
import type { Style } from './style.ts';
import { counted, spokenDuration } from './units.ts';

/** The step that runs a probe during `up`; its line stands for both. */
export const probeStep = (probe: string): string => `probe:${probe}`;

export interface EventTextOptions {
  style: Style;
  /** Title of a step that was started earlier. */
  titleOf: (stepId: string) => string;
  /** Whether a step has started and not ended. */
  isRunning: (stepId: string) => boolean;
  /** Only warnings and failures. */
  quiet: boolean;
  /** Also the plan and every hop. */
  verbose: boolean;
}

/** An event as one line, or undefined when it is not worth one. */
export function eventText(event: DevenvEvent, options: EventTextOptions): string | undefined {
  const ofProbe = event.type === 'probe-started' || event.type === 'probe-done';
  if (ofProbe && options.isRunning(probeStep(event.probe))) return undefined;
  const text = options.quiet
    ? loudText(event, options)
    : (loudText(event, options) ?? calmText(event, options));
  return text === undefined
    ? undefined
    : printable(text, { colour: options.style.coloured }).replaceAll('\n', ' ');
}

/** What is said even with `--quiet`. */
function loudText(event: DevenvEvent, { style, titleOf }: EventTextOptions): string | undefined {
  switch (event.type) {
    case 'note':
      return event.level === 'warn' ? `${style.yellow('warning:')} ${event.text}` : undefined;
    case 'step-failed':
      return `${titleOf(event.id)}: ${style.red('failed')} after ${spokenDuration(event.ms)}: ${event.error.message}`;
    case 'service-exited':
      return exitText(event, style);
    case 'probe-done':
      return event.status === 'failed'
        ? `probe ${event.probe}: ${style.red('failed')} after ${spokenDuration(event.ms)}${
            event.brokenHop === undefined ? '' : ` at: ${event.brokenHop}`
          }`
        : undefined;
    default:
      return undefined;
  }
}

function calmText(event: DevenvEvent, { style, titleOf, verbose }: EventTextOptions): string | undefined {
  switch (event.type) {
    case 'note':
      return event.text;
    case 'plan':
      return verbose ? `plan: ${counted(event.steps.length, 'step')}` : undefined;
    case 'step-started':
      return `${event.title}: started ${style.dim(`(${event.cause})`)}`;
    case 'step-progress':
      return `${titleOf(event.id)}: ${progressText(event)}`;
    case 'step-done':
      return `${titleOf(event.id)}: ${style.green('done')} in ${spokenDuration(event.ms)}${
        event.detail === undefined ? '' : ` ${style.dim(`(${event.detail})`)}`
      }`;
    case 'step-skipped':
      // A dozen lines that say only that one step failed; that one is told.
      if (!verbose) return undefined;
      return `${event.title}: skipped ${style.dim(`(${event.reason})`)}`;
    case 'probe-started':
      return `probe ${event.probe}: started ${style.dim(`(${event.summary})`)}`;
    case 'probe-hop':
      return verbose
        ? `probe ${event.probe}: ${event.hop}: ${event.status} (${spokenDuration(event.ms)})`
        : undefined;
    case 'probe-done':
      return event.status === 'skipped'
        ? `probe ${event.probe}: skipped`
        : `probe ${event.probe}: ${style.green('passed')} in ${spokenDuration(event.ms)}`;
    default:
      return undefined;
  }
}

/** `downloading nats-server 42%`; without a total the text alone. */
export function progressText(event: Extract<DevenvEvent, { type: 'step-progress' }>): string {
  const { text, done, total } = event;
  if (done === undefined || total === undefined || total <= 0) return text;
  return `${text} ${Math.min(100, Math.floor((done / total) * 100))}%`;
}

/** `worker: exited with code 1, will be started again`. */
export function exitText(event: Extract<DevenvEvent, { type: 'service-exited' }>, style: Style): string {
  const how = event.signal === null ? `with code ${event.code ?? 'unknown'}` : `by ${event.signal}`;
  const next = event.willRestart ? ', will be started again' : '';
  return `${event.service}: ${style.yellow('exited')} ${how}${next}`;
}
