import { overlappingPairs } from './subject-pairs.ts';

/**
 * NATS subjects: tokens separated by dots; in a pattern `*` stands for exactly one token and a final `>` for one or
 * more. A star within a longer token (`order*`) is an ordinary character to the server.
 * https://docs.nats.io/nats-concepts/subjects
 */
export const tokensOf = (subject: string): string[] => subject.split('.');

/**
 * The narrowest pattern for everything that a subject with a placeholder stands for: `room-{id}.new` → `*.new`, because
 * a star is a whole word. Other braces are characters like any other, to the server too.
 */
export const withStar = (subject: string, placeholder: string): string =>
  tokensOf(subject)
    .map((token) => (token.includes(`{${placeholder}}`) ? '*' : token))
    .join('.');

/** The same for every placeholder of a name: what `chat_{channel}_post` captures has that one too. */
export const withStarsOf = (name: string, subject: string): string =>
  [...name.matchAll(/\{([^{}]+)\}/g)].reduce(
    (pattern, [, placeholder = '']) => withStar(pattern, placeholder),
    subject,
  );

const isWild = (token: string): boolean => token === '*' || token === '>';

/** Why a text is no pattern that a stream, a consumer or a subscription can have; null when it is one. */
export function patternProblem(pattern: string): string | null {
  if (pattern === '') return 'it is empty';
  // The server refuses white space only; other invisible characters would never be typed again alike.
  if (/[\s\p{Cc}\p{Cf}]/u.test(pattern) || !pattern.isWellFormed())
    return 'it holds white space or an invisible character';
  const tokens = tokensOf(pattern);
  if (tokens.includes('')) return 'a dot must stand between two words';
  return tokens.slice(0, -1).includes('>') ? '">" may only be the last word' : null;
}

/** Why a text is no subject to publish to; null when it is one. */
export const subjectProblem = (subject: string): string | null =>
  patternProblem(subject) ?? (tokensOf(subject).some(isWild) ? 'it holds a wildcard' : null);

/** Does a pattern match a subject without wildcards? */
export const matches = (pattern: string, subject: string): boolean => covers(pattern, subject);

/** Does `a` match every subject that `b` matches? */
export function covers(a: string, b: string): boolean {
  const [wide, narrow] = [tokensOf(a), tokensOf(b)];
  for (const [index, token] of wide.entries()) {
    const other = narrow[index];
    if (other === undefined) return false;
    if (token === '>') return true;
    if (other === '>' || (token !== '*' && token !== other)) return false;
  }
  return wide.length === narrow.length;
}

/** Is there a subject that both patterns match? */
export const intersects = (a: string, b: string): boolean => commonSubject(a, b) !== null;

/** A subject that both patterns match, `x` in place of words that neither of them fixes; null when there is none. */
export function commonSubject(a: string, b: string): string | null {
  const [left, right] = [tokensOf(a), tokensOf(b)];
  const common: string[] = [];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined) return null;
    if (one === '>' || other === '>') {
      const rest = (one === '>' ? right : left).slice(index);
      return [...common, ...rest.map((token) => (isWild(token) ? 'x' : token))].join('.');
    }
    if (!isWild(one) && !isWild(other) && one !== other) return null;
    common.push(isWild(one) ? (isWild(other) ? 'x' : other) : one);
  }
  return common.join('.');
}

/** Two patterns that a server would refuse side by side (10065 between streams, 10052 within one). */
export interface Overlap<T> {
  a: T;
  b: T;
  /** A subject that both of them match. */
  example: string;
}

/** Every pair that some subject would match twice, at most `limit` of them, in the order in which they are given. */
export const findOverlaps = <T extends { pattern: string }>(
  items: readonly T[],
  { limit = 50 }: { limit?: number } = {},
): Overlap<T>[] =>
  overlappingPairs(
    items.map(({ pattern }) => pattern),
    limit,
  )
    .sort(([a, b], [c, d]) => b - d || a - c)
    .flatMap(([first, second]) => {
      const [a, b] = [items[first]!, items[second]!];
      const example = commonSubject(a.pattern, b.pattern);
      return example === null ? [] : [{ a, b, example }];
    });

/**
 * What NATS says to itself. Servers refuse a stream on most of it (10052; which parts differs by version), and one that
 * is accepted captures every request and reply. Its notices of events are open to streams.
 */
const RESERVED: readonly { what: string; pattern: string }[] = [
  { what: 'the JetStream API', pattern: '$JS.>' },
  { what: 'the system account', pattern: '$SYS.>' },
  { what: 'replies to requests', pattern: '_INBOX.>' },
  { what: 'JetStream between domains', pattern: '$JSC.>' },
  { what: 'Raft groups', pattern: '$NRG.>' },
];
const OPEN = ['$JS.EVENT.>', '$SYS.ACCOUNT.>'];

/** The part of NATS's own traffic that a stream with this subject would capture; undefined when there is none. */
export const reservedFor = (subject: string): { what: string; pattern: string } | undefined =>
  OPEN.some((open) => covers(open, subject))
    ? undefined
    : RESERVED.find(({ pattern }) => intersects(pattern, subject));
