import type { ExplainedRule, Explanation } from './explanation.ts';
import { jetStreamAdvice } from './jetstream-advice.ts';
import { jetStreamError, jetStreamErrors } from './jetstream-errors.ts';
import { type PastedLine, pastedLine } from './pasted-line.ts';
import { RULES } from './registry.ts';
import type { Rule } from './rule.ts';
import { type Candidate, candidatesAmong } from './rule-candidates.ts';
import { lastingParts, textFit } from './symptom-match.ts';

/** More than these is no answer. */
const MOST_RULES = 5;
/** Of the best one's score: what is far behind it would only confuse. */
const NEAR_ENOUGH = 0.5;
/** Of a whole log, the end: what went wrong is usually last. */
const MOST_LINES = 300;

/**
 * Cause and fix for a rule id, an error code of the JetStream API, or a line that somebody pasted; of several lines the one
 * that says most is taken, the last of equals. Undefined when nothing is known. Pure; takes any text.
 */
export function explain(asked: string, rules: readonly Rule[] = RULES): Explanation | undefined {
  const candidatesOf = candidatesAmong(rules);
  const whole = answer(pastedLine(asked), candidatesOf);
  const lines = asked.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  if (lines.length < 2) return whole?.explanation;
  // One by one first: a sentence that was broken into lines is rarer than a log.
  const best = lines
    .slice(-MOST_LINES)
    .flatMap((line) => answer(pastedLine(line), candidatesOf) ?? [])
    .reduce<Answer | undefined>(
      (so, next) => (so === undefined || next.score >= so.score ? next : so),
      undefined,
    );
  return (best !== undefined && best.score >= (whole?.score ?? 0) ? best : whole)?.explanation;
}

interface Answer {
  explanation: Explanation;
  score: number;
}

function answer(line: PastedLine, candidatesOf: ReturnType<typeof candidatesAmong>): Answer | undefined {
  if (line.text === '') return undefined;
  const isCode = /^\d+$/.test(line.text);
  const codes = codesOf(line);
  const found = candidatesOf(line.text, codes);
  const best = found[0]?.score ?? 0;
  if (codes.length === 0 && found.length === 0) return undefined;
  const isId = found[0]?.because === 'id' && found[0].rule.id === line.text.toUpperCase();
  return {
    explanation: {
      query: isId ? found[0]!.rule.id : line.text,
      names: isCode || isId ? [] : line.names,
      codes: codes
        .flatMap((code) => jetStreamError(code) ?? [])
        // Found by its text alone, it may be a part of what a rule knows better.
        .map(({ code, text }) => ({ code, text, ...(found.length === 0 && jetStreamAdvice(code)) })),
      rules: found
        .filter(({ score }) => score >= best * NEAR_ENOUGH)
        // Who asks for a code wants to see everything that it can be.
        .slice(0, isCode ? found.length : MOST_RULES)
        .map(explained),
    },
    score: best,
  };
}

/** How much was searched, for a question that has no answer. */
export const explainable = (
  rules: readonly Rule[] = RULES,
): { rules: number; symptoms: number; codes: number } => ({
  rules: rules.length,
  symptoms: rules.reduce((sum, { symptoms }) => sum + symptoms.length, 0),
  codes: jetStreamErrors().length,
});

/** Codes that stand in the line, else the one whose text does. */
function codesOf({ text, codes }: PastedLine): number[] {
  const known = codes.filter((code) => jetStreamError(code) !== undefined);
  if (known.length > 0) return known;
  const fits = jetStreamErrors()
    .map(({ code, text: said }) => ({ code, letters: textFit(text, lastingParts(said)) }))
    .filter(({ letters }) => letters > 0)
    .sort((a, b) => b.letters - a.letters);
  return fits.slice(0, 1).map(({ code }) => code);
}

const explained = ({ rule, because }: Candidate): ExplainedRule => ({
  id: rule.id,
  title: rule.title,
  severity: rule.severity,
  meaning: rule.meaning,
  cause: rule.cause,
  fix: rule.fix,
  symptoms: rule.symptoms,
  codes: rule.codes ?? [],
  ...(rule.versions === undefined ? {} : { versions: rule.versions }),
  found: [
    ...(rule.static === undefined && rule.machine === undefined ? [] : (['before'] as const)),
    ...(rule.live === undefined ? [] : (['running'] as const)),
  ],
  because,
});
