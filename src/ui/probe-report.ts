import type { ProbeSummary } from '../engine/engine.ts';
import type { HopReport, ProbeReport } from '../probes/probe.ts';
import type { ReportOptions } from './report.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { textWidth } from './text-width.ts';
import { spokenDuration } from './units.ts';

/** Those that ran, then those that did not, by the reason, which is often the same for all. */
export function probesLines(reports: readonly ProbeReport[], style: Style): string[] {
  const skipped = new Map<string, string[]>();
  for (const { probe, status, fix = 'no reason is known' } of reports) {
    if (status === 'skipped') skipped.set(fix, [...(skipped.get(fix) ?? []), probe]);
  }
  return [
    ...reports.filter(({ status }) => status !== 'skipped').flatMap((report) => probeLines(report, style)),
    ...[...skipped].map(([reason, probes]) => `${style.bold(probes.join(', '))} skipped: ${reason}`),
  ];
}

/** `flow passed in 84 ms`; a failed one with every hop, the evidence of the broken one, and the fix. */
function probeLines(report: ProbeReport, style: Style): string[] {
  const name = style.bold(report.probe);
  if (report.status === 'passed') {
    return [
      `${name} ${style.green('passed')} in ${spokenDuration(report.ms)}`,
      ...(report.measured === undefined ? [] : [`  ${report.measured}`]),
    ];
  }
  const room = Math.max(...report.hops.map((hop) => textWidth(hop.hop)), 0);
  return [
    `${name} ${style.red('failed')} after ${spokenDuration(report.ms)}, broken at: ${report.brokenHop ?? 'unknown'}`,
    ...report.hops.flatMap((hop) => hopLines(hop, room, style)),
    ...(report.fix === undefined ? [] : [`  ${style.cyan('fix:')} ${report.fix}`]),
    style.dim(`  key: ${report.key}`),
  ];
}

function hopLines(hop: HopReport, room: number, style: Style): string[] {
  const mark = { passed: style.green('✔'), failed: style.red('✖'), skipped: style.dim('-') }[hop.status];
  const padding = ' '.repeat(room - textWidth(hop.hop));
  const time = hop.status === 'skipped' ? style.dim('not reached') : spokenDuration(hop.ms);
  const line = `  ${mark} ${hop.hop}${padding}  ${time}`;
  if (hop.status !== 'failed') return [line];
  return [
    line,
    ...(hop.error === undefined ? [] : [`    ${style.red(hop.error)}`]),
    ...Object.entries(hop.evidence).flatMap(([name, value]) => evidenceLines(name, value, style)),
  ];
}

/** One line for a value, a block for a list (log lines, rows) or a text of several lines. */
function evidenceLines(name: string, value: unknown, style: Style): string[] {
  if (value === undefined) return [];
  const label = style.dim(`    ${name}:`);
  const items = Array.isArray(value) ? value.map(asText) : asText(value).split('\n');
  if (items.length === 1) return [`${label} ${items[0]}`];
  if (items.length === 0) return [`${label} none`];
  return [label, ...items.map((item) => `      ${item.replaceAll('\n', '\n      ')}`)];
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `probe --list`. */
export const probeListLines = (probes: readonly ProbeSummary[], { style, width }: ReportOptions): string[] =>
  table(
    [{ title: 'PROBE' }, { title: 'RUNS' }, { title: 'WHAT IT PROVES' }],
    probes.map(({ name, summary, isDefault }) => [name, isDefault ? 'by default' : 'on request', summary]),
    { style, width },
  );
