import { jetStreamError } from './jetstream-errors.ts';
import { RULE_AREAS } from './registry.ts';
import type { Rule } from './rule.ts';

/** docs/rules/ as it has to be: file name → text. Made from the rules, so that a page never says something else. */
export function rulePages(): ReadonlyMap<string, string> {
  const rules = RULE_AREAS.flatMap((area) => area.rules);
  return new Map([
    ['README.md', indexPage(rules)],
    ...rules.map((rule) => [`${rule.id}.md`, rulePage(rule)] as const),
  ]);
}

function rulePage(rule: Rule): string {
  const { id, title, severity, meaning, symptoms, cause, fix, codes = [], versions } = rule;
  const facts = [
    `**${severity}**`,
    foundText(rule),
    ...(codes.length === 0 ? [] : [`JetStream error ${codes.join(', ')}`]),
    ...(versions === undefined ? [] : [`nats-server ${escaped(versions)}`]),
  ];
  return `${[
    `# ${id}: ${escaped(title)}`,
    escaped(meaning),
    facts.join(' · '),
    '## What you see',
    fenced(symptoms),
    '## Why',
    escaped(cause),
    '## What to do',
    escaped(fix),
    '## With devenv',
    [
      `- \`devenv explain ${id}\` prints this page; an error line instead of the id finds it.`,
      `- \`devenv doctor --rule ${id}\` looks for it${isFoundBefore(rule) ? '' : ' in a running environment'}.`,
      `- \`doctor: { ignore: [${id}] }\` in devenv.yaml silences it.`,
    ].join('\n'),
    '[All rules](README.md)',
  ].join('\n\n')}\n`;
}

const isFoundBefore = (rule: Rule): boolean => rule.static !== undefined || rule.machine !== undefined;

const foundText = (rule: Rule): string => {
  if (rule.live === undefined) return 'found before anything runs';
  return isFoundBefore(rule)
    ? 'found before anything runs and in a running system'
    : 'found in a running system';
};

function indexPage(rules: readonly Rule[]): string {
  const areas = RULE_AREAS.filter((area) => area.rules.length > 0).flatMap(
    ({ letter, title, rules: own }) => [
      `## ${letter}: ${title}`,
      tableOf(
        ['rule', 'severity', 'found', 'what it means'],
        own.map((rule) => [
          `[${rule.id}](${rule.id}.md) ${escaped(rule.title)}`,
          rule.severity,
          [...(isFoundBefore(rule) ? ['before'] : []), ...(rule.live === undefined ? [] : ['running'])].join(
            ', ',
          ),
          escaped(rule.meaning),
        ]),
      ),
    ],
  );
  return `${[
    '# Rules of the doctor',
    `${rules.length} failures that \`devenv doctor\` diagnoses, most of them before anything runs. \`devenv explain\` tells the same in a terminal, for a rule id, an error code or a pasted line. This folder is generated from \`src/doctor/rules/\` by \`npm run docs\`.`,
    ...areas,
    '## Error codes of JetStream',
    tableOf(['code', 'the server says', 'rules'], codeRows(rules)),
  ].join('\n\n')}\n`;
}

function codeRows(rules: readonly Rule[]): string[][] {
  const codes = [...new Set(rules.flatMap((rule) => rule.codes ?? []))].sort((a, b) => a - b);
  return codes.map((code) => [
    String(code),
    escaped(jetStreamError(code)?.text ?? ''),
    rules
      .filter((rule) => rule.codes?.includes(code))
      .map(({ id }) => `[${id}](${id}.md)`)
      .join(', '),
  ]);
}

const tableOf = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

/** What the texts of rules may hold and Markdown would take for its own; what stands in backticks stays. */
const escaped = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll(/[\\*<>[\]#]|(?<![\p{L}\d])_|_(?![\p{L}\d])/gu, '\\$&'),
    )
    .join('');

/** A fence longer than any run of backticks inside. */
function fenced(lines: readonly string[]): string {
  const runs = lines.join('\n').match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map(({ length }) => length + 1)));
  return `${fence}text\n${lines.join('\n')}\n${fence}`;
}
