import { goInteger } from './go-values.ts';
import { isAtLeast } from './versions.ts';

type Kind = 'plain' | 'wildcard' | 'partition' | 'random' | 'other';

interface Placeholder {
  kind: Kind;
  /** Which wildcards of the source it uses, from 1. */
  wildcards: readonly bigint[];
}

const INVALID_ARGUMENT = 'function argument is invalid or in the wrong format';
const FEW_ARGUMENTS = 'not enough arguments passed to the function';
const MANY_ARGUMENTS = 'too many arguments passed to the function';
const UNKNOWN = 'unknown function';
const OUT_OF_RANGE = 'wildcard index out of range';
const BAD_SUBJECT = 'invalid subject';
const MOST = 2n ** 31n;

/** `{{wildcard(1)}}` → its name in small letters and its arguments. */
function functionOf(token: string): { name: string; parameters: string[] } | null {
  const match = /\{\{\s*([a-zA-Z]+)\s*\((.*)\)\s*\}\}/.exec(token);
  if (match === null) return null;
  const written = match[1]!;
  const known = FUNCTIONS.find((pattern) => pattern.test(written));
  return known === undefined ? null : { name: written.toLowerCase(), parameters: match[2]!.split(/,\s*/) };
}

/** The server allows a capital letter where each of the words begins. */
const FUNCTIONS = [
  /^[wW]ildcard$/,
  /^[pP]artition$/,
  /^[sS]plit[fF]rom[lL]eft$/,
  /^[sS]plit[fF]rom[rR]ight$/,
  /^[sS]lice[fF]rom[lL]eft$/,
  /^[sS]lice[fF]rom[rR]ight$/,
  /^[sS]plit$/,
  /^[lL]eft$/,
  /^[rR]ight$/,
  /^[rR]andom$/,
];

const isFunction = (token: string): boolean =>
  token.length > 4 && token.startsWith('{{') && token.endsWith('}}');

const numberOf = (parameter: string): bigint | null => goInteger(parameter.replace(/^ +| +$/g, ''));

/** What a token of a destination stands for, or what is wrong with it. */
function placeholderOf(token: string, version: string): Placeholder | { error: string } {
  if (token.length > 1 && token.startsWith('$')) {
    const index = goInteger(token.slice(1));
    return index === null ? { kind: 'plain', wildcards: [] } : { kind: 'wildcard', wildcards: [index] };
  }
  if (!isFunction(token)) return { kind: 'plain', wildcards: [] };
  const called = functionOf(token);
  if (called === null) return { error: UNKNOWN };
  const { name, parameters } = called;
  const numbers = parameters.map(numberOf);
  if (name === 'wildcard') {
    if (parameters.length === 1 && parameters[0] === '') return { error: FEW_ARGUMENTS };
    if (parameters.length > 1) return { error: MANY_ARGUMENTS };
    return numbers[0] == null ? { error: INVALID_ARGUMENT } : { kind: 'wildcard', wildcards: [numbers[0]] };
  }
  if (name === 'partition') {
    if (parameters.length < 2 && !isAtLeast(version, '2.12.0')) return { error: FEW_ARGUMENTS };
    if (numbers.includes(null) || (isAtLeast(version, '2.12.0') && numbers[0]! >= MOST))
      return { error: INVALID_ARGUMENT };
    return { kind: 'partition', wildcards: numbers.slice(1) as bigint[] };
  }
  if (name === 'random') {
    if (!isAtLeast(version, '2.12.0')) return { error: UNKNOWN };
    if (parameters.length !== 1) return { error: FEW_ARGUMENTS };
    return numbers[0] == null || numbers[0] >= MOST
      ? { error: INVALID_ARGUMENT }
      : { kind: 'random', wildcards: [] };
  }
  if ((name === 'left' || name === 'right') && !isAtLeast(version, '2.10.0')) return { error: UNKNOWN };
  if (parameters.length < 2) return { error: FEW_ARGUMENTS };
  if (parameters.length > 2) return { error: MANY_ARGUMENTS };
  const fits = name === 'split' ? !/[ .]/.test(parameters[1]!) : numbers[1] != null && fitsInt32(numbers[1]);
  return numbers[0] == null || !fits
    ? { error: INVALID_ARGUMENT }
    : { kind: 'other', wildcards: [numbers[0]] };
}

const fitsInt32 = (number: bigint): boolean => number >= -MOST && number < MOST;

/** Tokens of a subject as a transform sees it; null when it is none. White space is allowed here. */
function tokensOf(subject: string): string[] | null {
  const tokens = subject.split('.');
  return tokens.every((token, index) => token !== '' && (token !== '>' || index === tokens.length - 1))
    ? tokens
    : null;
}

/**
 * What nats-server says against transforming `source` into `destination`; null when it can. `strict`: for imports, that
 * have to work backwards too.
 */
export function transformProblem(
  source: string,
  destination: string,
  { strict, version }: { strict: boolean; version: string },
): string | null {
  const old = !isAtLeast(version, '2.10.0');
  if (destination === '' && !old) return null;
  const from = tokensOf(source === '' && !old ? '>' : source);
  const to = tokensOf(destination);
  const isOpen = (tokens: readonly string[]): boolean => tokens.at(-1) === '>';
  if (from === null || to === null || to.includes('*') || isOpen(from) !== isOpen(to)) return BAD_SUBJECT;
  const stars = from.filter((token) => token === '*').length;
  const open = isOpen(from);
  if (old && stars === 0 && !open) return null;
  let used = 0;
  for (const token of to) {
    const placeholder = placeholderOf(token, version);
    const refused = (why: string): string => `invalid mapping destination: ${why} in ${token}`;
    if ('error' in placeholder) return refused(placeholder.error);
    const { kind, wildcards } = placeholder;
    if (kind === 'plain') continue;
    const free = kind === 'random' || (kind === 'partition' && !open && stars === 0);
    if (stars === 0 && !open && !(free && isAtLeast(version, '2.12.0'))) return refused(OUT_OF_RANGE);
    if (strict && !old && kind !== 'wildcard')
      return refused('the only mapping function allowed for import transforms is {{Wildcard()}}');
    if (stars === 0 && open && !old && !isAtLeast(version, '2.12.0')) return refused(OUT_OF_RANGE);
    if (stars === 0 && !open) continue;
    used += old ? 1 : wildcards.length;
    const beyond = wildcards.find((index) => index > stars);
    if (beyond !== undefined) return `${refused(OUT_OF_RANGE)}: [${beyond}]`;
  }
  return (strict || old) && used < stars
    ? `invalid mapping destination: not using all of the token wildcard(s) in ${destination}`
    : null;
}

/** The shape of a mapping's destination alone. */
export function destinationProblem(destination: string, version: string): string | null {
  if (destination === '' && isAtLeast(version, '2.10.0')) return null;
  const tokens = destination.split('.');
  for (const [index, token] of tokens.entries()) {
    if (token === '' || tokens.slice(0, index).includes('>'))
      return `invalid mapping destination: invalid subject in ${token}`;
    if (isFunction(token)) {
      const name = functionOf(token)?.name;
      // Before 2.15 left and right are known to transforms, and forgotten here.
      const forgotten = (name === 'left' || name === 'right') && !isAtLeast(version, '2.15.0');
      if (name === undefined || forgotten) return `invalid mapping destination: ${UNKNOWN} in ${token}`;
      if (name === 'random' && !isAtLeast(version, '2.12.0'))
        return `invalid mapping destination: ${UNKNOWN} in ${token}`;
    } else if (/[\t\n\f\r ]/.test(token)) return 'invalid mapping destination: invalid subject';
  }
  return null;
}

/** `orders.*.>` → `orders.$1.>` */
export function withPlaceholders(subject: string): string {
  let index = 0;
  return subject
    .split('.')
    .map((token) => {
      if (token !== '*') return token;
      index += 1;
      return `$${index}`;
    })
    .join('.');
}

/** `orders.$1.>` → `orders.*.>` */
export const withWildcards = (subject: string): string =>
  subject
    .split('.')
    .map((token) => {
      const called = isFunction(token) ? functionOf(token) : null;
      const isWildcard =
        called?.name === 'wildcard' && called.parameters.length === 1 && called.parameters[0] !== '';
      return /^\$[1-9]/.test(token) || isWildcard ? '*' : token;
    })
    .join('.');
