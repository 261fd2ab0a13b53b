import type { UpResult } from '../engine/engine.ts';
import type { PlannedStep } from '../events.ts';
import type { ProbeReport } from '../probes/probe.ts';
import { followedLines } from './auth-report.ts';
import { probeStep } from './event-text.ts';
import { probesLines } from './probe-report.ts';
import type { ReportOptions } from './report.ts';
import { serviceTable } from './service-table.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { counted, spokenDuration } from './units.ts';

/** The result of `up`: what runs where, what was done and why, what the probes say, what to do next. */
export function upLines(result: UpResult, options: ReportOptions): string[] {
  if (result.dryRun) return planLines(result, options);
  const { style } = options;
  const name = style.bold(result.environment);
  const services = serviceTable(result.services, options);
  const probes = probesLines(result.probes, style);
  if (result.steps.length === 0) {
    return [
      ...services,
      '',
      ...probes,
      `${name} is ${style.green('already healthy')}: nothing to do (${spokenDuration(result.ms)})`,
    ];
  }
  return [
    `${name} is up on the ${result.runtime} runtime (${spokenDuration(result.ms)})`,
    '',
    ...services,
    '',
    ...(result.isNew ? [] : [...causeLines(result.steps, result.probes, style), '']),
    ...(result.configured.length === 0 ? [] : [...followedLines(result.configured), '']),
    ...(probes.length === 0 ? [] : [...probes, '']),
    ...nextLines(options),
  ];
}

/** What a dry run would do. */
function planLines(result: UpResult, { style, width }: ReportOptions): string[] {
  const name = style.bold(result.environment);
  if (result.steps.length === 0) return [`${name} is already healthy: nothing to do`];
  return [
    `${name}: up would do ${counted(result.steps.length, 'step')} on the ${result.runtime} runtime; nothing was changed`,
    '',
    ...table(
      [
        { title: 'STEP' },
        { title: 'WHAT', shrinks: true },
        { title: 'CAUSE', shrinks: true },
        { title: 'AFTER', shrinks: true },
      ],
      result.steps.map((step) => [step.id, step.title, step.cause, step.dependsOn.join(', ')]),
      { style, width },
    ),
  ];
}

/** What a repair mended and why, by cause. Probes have lines of their own; a first start has nothing to explain. */
function causeLines(steps: readonly PlannedStep[], probes: readonly ProbeReport[], style: Style): string[] {
  const probing = new Set(probes.map(({ probe }) => probeStep(probe)));
  const titles = new Map<string, string[]>();
  for (const { id, cause, title } of steps) {
    if (!probing.has(id)) titles.set(cause, [...(titles.get(cause) ?? []), title]);
  }
  return [...titles].map(([cause, done]) => `${done.join(', ')} ${style.dim(`(${cause})`)}`);
}

function nextLines({ style, invocation }: ReportOptions): string[] {
  const hints = [
    [`eval "$(${invocation('env --format shell')})"`, 'its URLs as variables of your shell'],
    [invocation('logs -f'), 'follow the logs'],
    [invocation('down'), 'stop it; the data is kept'],
  ] as const;
  const room = Math.max(...hints.map(([command]) => command.length));
  return hints.map(([command, meaning]) => `  ${command.padEnd(room)}  ${style.dim(meaning)}`);
}
