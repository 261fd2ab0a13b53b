import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSlip, NearSubjects } from '../../../src/topology/near-subjects.ts';
import { intersects, tokensOf } from '../../../src/topology/subjects.ts';
import { distance } from './edit-distance.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 });
const pattern = fc
  .tuple(
    fc.array(fc.oneof(word, fc.constant('*')), { maxLength: 3 }),
    fc.oneof(word, fc.constantFrom('*', '>')),
  )
  .map(([head, last]) => [...head, last].join('.'));

describe('isSlip, against the definition of edit distance', () => {
  it('is one edit between words of three letters or more', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const expected = Math.min(a.length, b.length) >= 3 && distance(a, b) === 1;
        expect(isSlip(a, b)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['message', 'messages'],
    ['messages', 'mesages'],
    ['events', 'Events'],
    ['wrokers', 'workers'],
    ['chats', 'chat'],
  ])('takes %s for %s', (a, b) => {
    expect(isSlip(a, b)).toBe(true);
    expect(isSlip(b, a)).toBe(true);
  });

  it.each([
    ['shard1', 'shard2'],
    ['v1', 'v2'],
    ['az', 'a'],
    ['post', 'posted'],
    ['same', 'same'],
  ])('tells %s and %s apart', (a, b) => {
    expect(isSlip(a, b)).toBe(false);
  });
});

describe('NearSubjects, against one altered word in every place', () => {
  it('finds a pattern exactly when one slip keeps it apart', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 6 }), pattern, (known, asked) => {
        const tokens = tokensOf(asked);
        // Every word of every known pattern, put in place of every word that it is a slip of.
        const expected = known.filter((candidate) =>
          tokens.some((token, at) => {
            const meant = tokensOf(candidate)[at];
            return (
              meant !== undefined &&
              isSlip(token, meant) &&
              intersects(candidate, tokens.with(at, meant).join('.'))
            );
          }),
        );
        const found = new NearSubjects(known).nearestTo(asked);
        if (found === undefined) expect(expected).toEqual([]);
        else {
          expect(expected).toContain(found.pattern);
          expect(intersects(found.pattern, tokens.with(found.at, found.meant).join('.'))).toBe(true);
          expect(tokens[found.at]).toBe(found.word);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('answers ten thousand times among ten thousand at once', () => {
    const before = performance.now();
    const known = new NearSubjects(Array.from({ length: 10_000 }, (_, n) => `channel${n}.${n}.posted`));
    for (let n = 0; n < 10_000; n += 1) {
      expect(known.nearestTo(`channel${n}.${n}.posed`)?.meant).toBe('posted');
    }
    expect(performance.now() - before).toBeLessThan(30_000);
  });

  it('does not mind a word of a hundred thousand letters', () => {
    const long = 'a'.repeat(100_000);
    expect(new NearSubjects([`${long}.b`]).nearestTo(`${long}a.b`)).toBeUndefined();
  });
});
