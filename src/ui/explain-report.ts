import type { ExplainedRule, Explanation } from '../doctor/explanation.ts';
import { severityText } from './doctor-report.ts';
import type { ReportOptions } from './report.ts';
import type { Style } from './style.ts';
import { labelled } from './wrap.ts';

/** Why this may be it, for all but what was asked for by name. */
const BECAUSE: Readonly<Record<ExplainedRule['because'], string>> = {
  id: '',
  code: 'the code fits',
  text: 'the text fits',
  words: 'some of the words fit',
};

export function explanationLines(
  { query, names, codes, rules }: Explanation,
  options: ReportOptions,
): string[] {
  const { style, invocation, width } = options;
  const isAdvised = codes.some(({ fix }) => fix !== undefined);
  return [
    ...(rules.length === 1 && rules[0]!.because === 'id' ? [] : [style.bold(query)]),
    ...codes.flatMap(({ code, text, cause, fix }) => [
      `JetStream error ${code}: ${serversWords(text)}`,
      ...(cause === undefined ? [] : paragraph('cause', cause, style, width)),
      ...(fix === undefined ? [] : paragraph('fix', fix, style, width)),
    ]),
    ...(names.length === 0 ? [] : [style.dim(`names in it: ${names.join(', ')}`)]),
    ...(rules.length === 0 && !isAdvised
      ? [
          '',
          'No rule of the doctor is about it: these are the words of the server, and it refuses the request as it stands.',
        ]
      : []),
    ...(rules.length > 1 ? ['', `${rules.length} causes, the likeliest first:`] : []),
    ...rules.flatMap((rule, index) => ['', ...ruleLines(rule, rules.length > 1 ? index + 1 : 0, options)]),
    ...(rules.some(({ found }) => found.length > 0)
      ? ['', style.dim(`\`${invocation('doctor')}\` looks for it here.`)]
      : []),
  ].filter((line, index) => index > 0 || line !== '');
}

const paragraph = (label: string, text: string, style: Style, width: number): string[] =>
  labelled(`  ${style.dim(label.padEnd(8))} `, text, width);

function ruleLines(rule: ExplainedRule, number: number, { style, width }: ReportOptions): string[] {
  const { id, title, severity, meaning, cause, fix, symptoms, codes, versions, found, because } = rule;
  const told = (label: string, text: string): string[] => paragraph(label, text, style, width);
  return [
    `${number === 0 ? '' : `${number}. `}${style.bold(id)} ${title} (${severityText(severity, style)}${
      BECAUSE[because] === '' ? '' : `; ${BECAUSE[because]}`
    })`,
    ...told('means', meaning),
    ...told('cause', cause),
    ...told('fix', fix),
    ...(because === 'id'
      ? symptoms.flatMap((symptom, index) => told(index === 0 ? 'seen as' : '', symptom))
      : []),
    ...(codes.length === 0 || because === 'code' ? [] : told('codes', codes.join(', '))),
    ...(versions === undefined ? [] : told('versions', versions)),
    ...(found.length === 0
      ? []
      : told(
          'found',
          found
            .map((when) => (when === 'before' ? 'before anything runs' : 'in a running system'))
            .join(' and '),
        )),
  ];
}

const serversWords = (text: string): string =>
  /^\{err\}$/.test(text) ? '(the server says in each case what it is)' : text;
