import type { ExplainedRule } from './explanation.ts';
import { jetStreamError } from './jetstream-errors.ts';
import { pastedLine } from './pasted-line.ts';
import type { Rule } from './rule.ts';
import { lastingParts, textFit, wordFit, wordsOf } from './symptom-match.ts';

/** A rule that a line may be about, and how likely. */
export interface Candidate {
  rule: Rule;
  score: number;
  because: ExplainedRule['because'];
}

/** Fewer of a text's words than these are chance. */
const ENOUGH_WORDS = 0.6;

/** What is compared, worked out once for all lines. */
interface Prepared {
  rule: Rule;
  patterns: readonly RegExp[];
  texts: readonly { whole: string; parts: readonly string[]; words: ReadonlySet<string> }[];
}

/** For a line and the codes in it: the rules that it may be about, the likeliest first. */
export function candidatesAmong(
  rules: readonly Rule[],
): (line: string, codes: readonly number[]) => readonly Candidate[] {
  const prepared = rules.map(prepare);
  const rarity = rarityIn(prepared);
  return (line, codes) => {
    const words = wordsOf(line);
    return prepared
      .map((one) => ({ rule: one.rule, ...scoreOf(one, { line, words, codes, rarity }) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || likelihood(b.rule, codes) - likelihood(a.rule, codes));
  };
}

/** Between equals: what usually shows with the code's own text comes first, and an error before a mere warning. */
function likelihood({ symptoms, severity }: Rule, codes: readonly number[]): number {
  const isUsual = codes.some((code) => {
    const text = jetStreamError(code)?.text;
    return text !== undefined && symptoms[0]?.startsWith(text) === true;
  });
  return (isUsual ? 2 : 0) + (severity === 'error' ? 1 : 0);
}

const prepare = (rule: Rule): Prepared => ({
  rule,
  // Without state from one test to the next.
  patterns: (rule.matches ?? []).map(
    ({ source, flags }) => new RegExp(source, flags.replaceAll(/[gy]/g, '')),
  ),
  // Lines come without the wrapping of loggers and clients, so texts are compared without it: `nats: timeout`.
  texts: rule.symptoms
    .map((symptom) => pastedLine(symptom).text)
    .map((text) => ({ whole: text.toLowerCase(), parts: lastingParts(text), words: wordsOf(text) })),
});

interface Asked {
  line: string;
  words: ReadonlySet<string>;
  codes: readonly number[];
  rarity: (word: string) => number;
}

/**
 * Its id is what was asked for, or what devenv printed behind a finding. A pattern was written for just this line; a whole
 * text is nearly as good; a code may have several reasons.
 */
function scoreOf(
  { rule, patterns, texts }: Prepared,
  { line, words, codes, rarity }: Asked,
): Omit<Candidate, 'rule'> {
  if (new RegExp(`^${rule.id}$|\\(${rule.id}\\)|\\b(?:error|warning|note) ${rule.id}\\b`, 'i').test(line)) {
    return { score: 1_000, because: 'id' };
  }
  // Statuses of the protocol: `503`, `400`, `409`.
  if (/^\d{3}$/.test(line)) {
    const isSaid = rule.symptoms.some((symptom) => new RegExp(`\\b${line}\\b`).test(symptom));
    return { score: isSaid ? 80 : 0, because: 'code' };
  }
  // A text too short to be looked for in a line may still be all of it: `No data`.
  const isWhole = texts.some(({ whole }) => whole === line.toLowerCase());
  const isMatched = isWhole || patterns.some((pattern) => pattern.test(line));
  const letters = Math.max(0, ...texts.map(({ parts }) => textFit(line, parts)));
  const hasCode = rule.codes?.some((each) => codes.includes(each)) === true;
  if (isMatched || letters > 0) {
    const ofText = letters > 0 ? 60 + Math.min(letters, 100) : 0;
    const both = isMatched && letters > 0 ? 20 : 0;
    return { score: Math.max(isMatched ? 120 : 0, ofText) + both + (hasCode ? 60 : 0), because: 'text' };
  }
  const share = Math.max(0, ...texts.map((text) => wordFit(words, text.words, rarity)));
  if (hasCode) return { score: 80 + 20 * share, because: 'code' };
  return { score: share >= ENOUGH_WORDS ? 40 * share : 0, because: 'words' };
}

/** A word that many rules use says little about any of them. */
function rarityIn(prepared: readonly Prepared[]): (word: string) => number {
  const uses = new Map<string, number>();
  for (const { texts } of prepared) {
    for (const word of new Set(texts.flatMap(({ words }) => [...words])))
      uses.set(word, (uses.get(word) ?? 0) + 1);
  }
  return (word) => 1 / (uses.get(word) ?? 1);
}
