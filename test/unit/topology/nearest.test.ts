import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/topology/nearest.ts';
import { distance } from './edit-distance.ts';

describe('nearest', () => {
  it.each([
    ['max_file_stor', 'max_file_store'],
    ['max_flie_store', 'max_file_store'],
    ['MAX_FILE_STORE', 'max_file_store'],
    ['strems', 'streams'],
    ['max_memory', 'max_memory_store'],
    ['str', 'streams'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, ['max_memory_store', 'max_file_store', 'streams'])).toBe(meant);
  });

  it('stays silent when nothing is near', () => {
    expect(nearest('up', ['env', 'down', 'logs'])).toBeUndefined();
    expect(nearest('completely_different', ['max_file_store'])).toBeUndefined();
    expect(nearest('', ['a'])).toBeUndefined();
    expect(nearest('ma', ['max_file_store'])).toBeUndefined();
  });

  it('takes the nearer of two, the first of two equals, and is not slow on a huge word', () => {
    expect(nearest('wrokers', ['broker', 'workers'])).toBe('workers');
    expect(nearest('apx', ['api', 'apy'])).toBe('api');
    expect(nearest('x'.repeat(1_000_000), ['worker'])).toBeUndefined();
  });
});

describe('nearest, against the definition of edit distance', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 });

  it('takes the first of the nearest, within one slip for every three letters', () => {
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 5 }), (wanted, candidates) => {
        const most = Math.max(1, Math.floor(wanted.length / 3));
        const far = (candidate: string) => distance(wanted, candidate);
        const near = candidates.filter(
          (candidate) => far(candidate) <= most && far(candidate) < wanted.length,
        );
        const least = Math.min(...near.map(far));
        const begun = wanted.length < 3 ? undefined : candidates.find((each) => each.startsWith(wanted));
        expect(nearest(wanted, candidates)).toBe(near.find((each) => far(each) === least) ?? begun);
      }),
      { numRuns: 1_000 },
    );
  });
});
