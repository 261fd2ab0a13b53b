import type { LiveFacts, MachineFacts, PublishedFacts, StaticFacts } from './facts.ts';
import type { Finding, Report } from './finding.ts';
import { RULES } from './registry.ts';
import type { Rule } from './rule.ts';

export { placeText } from './place-text.ts';

export interface RunOptions {
  /** Default: the whole catalogue. */
  rules?: readonly Rule[];
}

/** Everything that the rules say about files and the declared topology, by place, each thing once. */
export const runStatic = (facts: StaticFacts, { rules = RULES }: RunOptions = {}): Finding[] =>
  inOrder(rules.flatMap((rule) => reported(rule, () => rule.static?.(facts))));

/** Everything that the rules say about a running system. */
export const runLive = (facts: LiveFacts, { rules = RULES }: RunOptions = {}): Finding[] =>
  inOrder(rules.flatMap((rule) => reported(rule, () => rule.live?.(facts))));

/** Everything that the rules say about what is in the way of an environment that does not run. */
export const runMachine = (facts: MachineFacts, { rules = RULES }: RunOptions = {}): Finding[] =>
  inOrder(rules.flatMap((rule) => reported(rule, () => rule.machine?.(facts))));

/** Everything that the rules say about what is in the way of somebody's Compose files. */
export const runPublished = (facts: PublishedFacts, { rules = RULES }: RunOptions = {}): Finding[] =>
  inOrder(rules.flatMap((rule) => reported(rule, () => rule.published?.(facts))));

/**
 * A rule that throws is a bug of ours: told as such, and never a reason to be silent about what the others found. What
 * it had reported before it threw still counts.
 */
function reported(rule: Rule, check: () => Iterable<Report> | undefined): Finding[] {
  const findings: Finding[] = [];
  try {
    for (const report of check() ?? []) {
      if (findings.length === MOST_OF_ONE_RULE) return [...findings, andMore(rule, report)];
      findings.push(findingOf(rule, report));
    }
  } catch (error) {
    findings.push({
      rule: rule.id,
      title: rule.title,
      severity: 'warning',
      place: { kind: 'object', object: `rule ${rule.id}` },
      cause: `This is a bug in devenv: the rule could not be checked (${error instanceof Error ? error.message : String(error)}).`,
      symptom: '',
      fix: `Report it together with the files that were read; \`doctor.ignore: [${rule.id}]\` leaves the rule out until then.`,
    });
  }
  return findings;
}

/** A file that is something else altogether has a mistake in each of its hundred thousand lines. */
const MOST_OF_ONE_RULE = 1_000;

const andMore = (rule: Rule, next: Report): Finding => ({
  ...findingOf(rule, { place: next.place, cause: '', fix: '' }),
  severity: 'note',
  cause: `From here on there is more of the same; the first ${MOST_OF_ONE_RULE} are told.`,
  fix: 'See whether this is the file that was meant, and run the command again when the others are mended.',
});

const findingOf = (rule: Rule, report: Report): Finding => ({
  rule: rule.id,
  title: rule.title,
  severity: report.severity ?? rule.severity,
  place: report.place,
  cause: readable(report.cause),
  symptom: readable(report.symptom ?? rule.symptoms[0] ?? ''),
  fix: readable(report.fix),
  ...(isEditable(report.edits) ? { edits: report.edits } : {}),
});

/** What stands behind an encoding (base64 in a Secret) has a place and no offsets. */
const isEditable = (edits: Report['edits']): edits is NonNullable<Report['edits']> =>
  edits !== undefined && edits.length > 0 && edits.every(({ start, end }) => start <= end);

/** A name of a million characters in a file is no reason to print it three times. */
const MOST_OF_ONE_WORD = 500;

const readable = (text: string): string =>
  text.length <= MOST_OF_ONE_WORD
    ? text
    : text.replace(
        /\S{501,}/g,
        (word) => `${word.slice(0, 100)}… (${word.length - 120} more characters) …${word.slice(-20)}`,
      );

const SEVERITIES = ['error', 'warning', 'note'] as const;

/** Files in the order in which they were first named, then what is no file; within one by line, column and weight. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const unique = new Map(
    findings.map((finding) => [
      JSON.stringify([finding.rule, finding.place, finding.cause, finding.fix]),
      finding,
    ]),
  );
  const files = new Map<string, number>();
  for (const { place } of unique.values()) {
    if (place.kind === 'file' && !files.has(place.file)) files.set(place.file, files.size);
  }
  const key = ({ place, severity }: Finding): number[] =>
    place.kind === 'file'
      ? [files.get(place.file)!, place.line, place.column, SEVERITIES.indexOf(severity)]
      : [files.size, 0, 0, SEVERITIES.indexOf(severity)];
  return [...unique.values()]
    .map((finding) => ({ finding, key: key(finding) }))
    .sort((a, b) => {
      const at = a.key.findIndex((part, index) => part !== b.key[index]);
      return at === -1 ? 0 : a.key[at]! - b.key[at]!;
    })
    .map(({ finding }) => finding);
}
