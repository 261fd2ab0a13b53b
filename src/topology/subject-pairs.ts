import { pairsBySplitting } from './subject-splits.ts';

/**
 * Pairs of positions of patterns that share a subject, each pair once, smaller position first; at most `limit` pairs.
 *
 * Patterns of one shape (as many words, stars in the same places) meet those of another only where the words agree
 * that neither has a star for: that is looked up, never searched, so ten thousand patterns take milliseconds where
 * comparing all with all takes minutes. With very many shapes the pairs of shapes would be too many; then patterns are
 * split by whatever words tell them apart.
 */
export function overlappingPairs(patterns: readonly string[], limit: number): [number, number][] {
  const shapes = shapesOf(patterns);
  return shapes.length > MANY_SHAPES ? pairsBySplitting(patterns, limit) : pairsByShape(shapes, limit);
}

const MANY_SHAPES = 64;

interface Shape {
  /** Places of the words that are fixed. */
  fixed: readonly number[];
  /** Words, without a final `>`. */
  length: number;
  open: boolean;
  members: { position: number; tokens: readonly string[] }[];
  /** By the places that are compared: the words there → members. */
  indexes: Map<string, Map<string, number[]>>;
}

function shapesOf(patterns: readonly string[]): Shape[] {
  const shapes = new Map<string, Shape>();
  for (const [position, pattern] of patterns.entries()) {
    const tokens = pattern.split('.');
    const open = tokens.at(-1) === '>';
    if (open) tokens.pop();
    const key = `${open ? '>' : ''}${tokens.map((token) => (token === '*' ? '*' : 'x')).join('')}`;
    let shape = shapes.get(key);
    if (shape === undefined) {
      const fixed = [...tokens.keys()].filter((at) => tokens[at] !== '*');
      shape = { fixed, length: tokens.length, open, members: [], indexes: new Map() };
      shapes.set(key, shape);
    }
    shape.members.push({ position, tokens });
  }
  return [...shapes.values()];
}

function pairsByShape(shapes: readonly Shape[], limit: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (const [index, a] of shapes.entries()) {
    for (const b of shapes.slice(index)) {
      if (!lengthsMeet(a, b)) continue;
      const inB = new Set(b.fixed);
      const places = a.fixed.filter((at) => inB.has(at));
      const [few, many] = a.members.length <= b.members.length ? [a, b] : [b, a];
      const others = indexOf(many, places);
      for (const { position, tokens } of few.members) {
        for (const other of others.get(wordsAt(tokens, places)) ?? []) {
          if (pairs.length >= limit) return pairs;
          if (a !== b) pairs.push(position < other ? [position, other] : [other, position]);
          // One shape against itself: each pair once, and nothing with itself.
          else if (position < other) pairs.push([position, other]);
        }
      }
    }
  }
  return pairs;
}

/** Can there be a subject of a length that both allow? An open pattern wants one word more than it has at least. */
function lengthsMeet(a: Shape, b: Shape): boolean {
  if (a.open && b.open) return true;
  if (a.open) return b.length > a.length;
  if (b.open) return a.length > b.length;
  return a.length === b.length;
}

function indexOf(shape: Shape, places: readonly number[]): Map<string, number[]> {
  const key = places.join();
  const known = shape.indexes.get(key);
  if (known !== undefined) return known;
  const index = new Map<string, number[]>();
  for (const { position, tokens } of shape.members) {
    const words = wordsAt(tokens, places);
    const list = index.get(words);
    if (list === undefined) index.set(words, [position]);
    else list.push(position);
  }
  shape.indexes.set(key, index);
  return index;
}

/** No word holds a dot. */
const wordsAt = (tokens: readonly string[], places: readonly number[]): string =>
  places.map((at) => tokens[at]).join('.');
