import type { Finding, Severity } from '../doctor/finding.ts';
import type { DoctorReport } from '../doctor/report.ts';
import type { ReportOptions } from './report.ts';
import { sourceExcerpt } from './source-excerpt.ts';
import type { Style } from './style.ts';
import { counted } from './units.ts';
import { labelled } from './wrap.ts';

export interface DoctorView {
  report: DoctorReport;
  /** Texts by name as printed. */
  texts: ReadonlyMap<string, string>;
  /** Those of `texts` that can be written to. */
  editable: Pick<ReadonlyMap<string, string>, 'has'>;
  budget: readonly string[];
}

/** A file that is something else altogether would fill the screen. */
const MOST_FINDINGS = 100;

/** Findings file by file, each with its place, its line, cause, symptom and fix; then one line that sums up. */
export function doctorLines(
  { report, texts, editable, budget }: DoctorView,
  { style, width, invocation }: ReportOptions,
): string[] {
  const { findings, summary } = report;
  const fixable = findings.filter(({ edits }) => edits?.every(({ file }) => editable.has(file))).length;
  const lines = findings
    .slice(0, MOST_FINDINGS)
    .flatMap((finding, index) => [
      ...headingBefore(findings, index, style),
      ...findingLines(finding, texts, { style, width }),
      '',
    ]);
  return [
    ...lines,
    ...(findings.length <= MOST_FINDINGS
      ? []
      : [style.dim(`… and ${findings.length - MOST_FINDINGS} more; --json has them all`), '']),
    ...(budget.length === 0 ? [] : [...budget, '']),
    summaryLine(summary, style),
    style.dim(`checked: ${checkedText(report)}`),
    ...(report.checked.ignored.length === 0
      ? []
      : [style.dim(`silenced by doctor.ignore: ${report.checked.ignored.join(', ')}`)]),
    ...(fixable === 0 ? [] : [style.dim(`--fix can mend ${fixable} of them, after showing how`)]),
    ...(findings.length === 0
      ? []
      : [style.dim(`more about one: \`${invocation(`explain ${weightiest(findings).rule}`)}\``)]),
  ];
}

/** What somebody who reads on will want to read about first. */
const weightiest = (findings: readonly Finding[]): Finding =>
  findings.find(({ severity }) => severity === 'error') ??
  findings.find(({ severity }) => severity === 'warning') ??
  findings[0]!;

/** `devenv.yaml:12:5`, `stream MESSAGES`; terminals make the first one a link. */
const placeText = ({ place }: Finding): string =>
  place.kind === 'file' ? `${place.file}:${place.line}:${place.column}` : place.object;

const groupOf = ({ place }: Finding): string => (place.kind === 'file' ? place.file : 'what runs');

function headingBefore(findings: readonly Finding[], index: number, style: Style): string[] {
  const group = groupOf(findings[index]!);
  if (index > 0 && groupOf(findings[index - 1]!) === group) return [];
  const count = findings.filter((finding) => groupOf(finding) === group).length;
  return [`${style.bold(group)} ${style.dim(`(${counted(count, 'finding')})`)}`, ''];
}

/** A note is no mistake: what it says is enough, and the rest is there to be asked for. */
function findingLines(
  finding: Finding,
  texts: ReadonlyMap<string, string>,
  { style, width }: Pick<ReportOptions, 'style' | 'width'>,
): string[] {
  const { place, rule, title, severity, cause, symptom, fix } = finding;
  const heading = `${style.cyan(placeText(finding))}: ${severityText(severity, style)} ${style.bold(rule)} ${style.dim(title)}`;
  const row = (label: string, value: string) =>
    value === '' ? [] : labelled(`  ${style.dim(label.padEnd(5))} `, value, width);
  if (severity === 'note') return [heading, ...row('cause', cause), ...row('fix', fix)];
  const text = place.kind === 'file' ? texts.get(place.file) : undefined;
  return [
    heading,
    ...(text === undefined || place.kind !== 'file' ? [] : sourceExcerpt(text, place, style)),
    ...row('cause', cause),
    ...row('seen', symptom),
    ...row('fix', fix),
  ];
}

export const severityText = (severity: Severity, style: Style): string =>
  ({ error: style.red, warning: style.yellow, note: style.blue })[severity](severity);

function summaryLine({ errors, warnings, notes }: DoctorReport['summary'], style: Style): string {
  const parts = [
    ...(errors === 0 ? [] : [style.red(counted(errors, 'error'))]),
    ...(warnings === 0 ? [] : [style.yellow(counted(warnings, 'warning'))]),
    ...(notes === 0 ? [] : [style.blue(counted(notes, 'note'))]),
  ];
  return parts.length === 0 ? style.green('no findings') : parts.join(', ');
}

function checkedText({ checked }: DoctorReport): string {
  const { files, rules, live, machine, natsVersion, natsVersionFrom } = checked;
  return [
    files.length === 0 ? 'the shipped pipeline' : files.join(', '),
    counted(rules, 'rule'),
    `nats-server ${natsVersion} (${natsVersionFrom})`,
    ...(live ? ['the running environment'] : []),
    ...(machine ? ['the ports of this machine'] : []),
  ].join('; ');
}

/** A unified diff with the colours that git uses. */
export const diffLines = (diff: readonly string[], style: Style): string[] =>
  diff.map((line) => {
    if (line.startsWith('---') || line.startsWith('+++')) return style.bold(line);
    if (line.startsWith('@@')) return style.cyan(line);
    if (line.startsWith('-')) return style.red(line);
    return line.startsWith('+') ? style.green(line) : line;
  });
