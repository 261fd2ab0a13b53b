import type { ExplainedRule, Explanation } from './explanation.ts';
import { jetStreamError, jetStreamErrors } from './jetstream-errors.ts';
import { type PastedLine, pastedLine } from './pasted-line.ts';
import { RULES } from './registry.ts';
import type { Rule } from './rule.ts';
import { lastingParts, textFit, wordFit, wordsOf } from './symptom-match.ts';

/** More than these is no answer. */
const MOST_RULES = 5;
/** Of the best one's score: what is far behind it would only confuse. */
const NEAR_ENOUGH = 0.5;
const ENOUGH_WORDS = 0.6;

/**
 * Cause and fix for a rule id, an error code of the JetStream API, or a line that somebody pasted. Undefined when nothing
 * is known. Pure; takes any text.
 */
export function explain(asked: string, rules: readonly Rule[] = RULES): Explanation | undefined {
  const line = pastedLine(asked);
  if (line.text === '') return undefined;
  const byId = rules.find(({ id }) => id === line.text.toUpperCase());
  if (byId !== undefined) return { query: byId.id, names: [], codes: [], rules: [explained(byId, 'id')] };
  const codes = codesOf(line);
  const isCode = /^\d+$/.test(line.text);
  const found = isCode ? ofCodes(rules, codes) : ranked(line, codes, rules);
  if (codes.length === 0 && found.length === 0) return undefined;
  return {
    query: line.text,
    names: isCode ? [] : line.names,
    codes: codes.flatMap((code) => jetStreamError(code) ?? []).map(({ code, text }) => ({ code, text })),
    rules: found,
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

const ofCodes = (rules: readonly Rule[], codes: readonly number[]): ExplainedRule[] =>
  rules
    .filter((rule) => rule.codes?.some((code) => codes.includes(code)))
    .map((rule) => explained(rule, 'code'));

function ranked(line: PastedLine, codes: readonly number[], rules: readonly Rule[]): ExplainedRule[] {
  const rarity = rarityIn(rules);
  const words = wordsOf(line.text);
  const scored = rules
    .map((rule) => ({ rule, ...scoreOf(rule, line.text, words, codes, rarity) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const best = scored[0]?.score ?? 0;
  return scored
    .filter(({ score }) => score >= best * NEAR_ENOUGH)
    .slice(0, MOST_RULES)
    .map(({ rule, because }) => explained(rule, because));
}

interface Score {
  score: number;
  because: ExplainedRule['because'];
}

/** A pattern was written for just this line; a whole text is nearly as good; a code may have several reasons. */
function scoreOf(
  rule: Rule,
  line: string,
  words: ReadonlySet<string>,
  codes: readonly number[],
  rarity: (word: string) => number,
): Score {
  const pattern = rule.matches?.some((regex) =>
    new RegExp(regex.source, regex.flags.replaceAll(/[gy]/g, '')).test(line),
  );
  const letters = Math.max(0, ...rule.symptoms.map((symptom) => textFit(line, lastingParts(symptom))));
  const code = rule.codes?.some((each) => codes.includes(each)) === true;
  const share = Math.max(0, ...rule.symptoms.map((symptom) => wordFit(words, wordsOf(symptom), rarity)));
  if (pattern === true || letters > 0) {
    const score =
      (pattern === true ? 120 : 0) + (letters > 0 ? 60 + Math.min(letters, 100) : 0) + (code ? 60 : 0);
    return { score, because: 'text' };
  }
  if (code) return { score: 80 + 20 * share, because: 'code' };
  return { score: share >= ENOUGH_WORDS ? 40 * share : 0, because: 'words' };
}

/** A word that many rules use says little about any of them. */
function rarityIn(rules: readonly Rule[]): (word: string) => number {
  const uses = new Map<string, number>();
  for (const { symptoms } of rules) {
    for (const word of new Set(symptoms.flatMap((symptom) => [...wordsOf(symptom)]))) {
      uses.set(word, (uses.get(word) ?? 0) + 1);
    }
  }
  return (word) => 1 / (uses.get(word) ?? 1);
}

const explained = (rule: Rule, because: ExplainedRule['because']): ExplainedRule => ({
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
    ...(rule.static === undefined ? [] : (['static'] as const)),
    ...(rule.live === undefined ? [] : (['live'] as const)),
  ],
  because,
});
