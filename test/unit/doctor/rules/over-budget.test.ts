import { describe, expect, it } from 'vitest';
import { roundedUp } from '../../../../src/doctor/rules/resources/over-budget.ts';
import { parseSize } from '../../../../src/topology/sizes.ts';

describe('a size that somebody is told to write', () => {
  it.each([
    [60 * 2 ** 30, '60GiB'],
    [100e9, '100GB'],
    [2 ** 30 + 2 ** 20, '1025MiB'],
    [1536, '1536B'],
    [11 * 2 ** 20 + 1, '12MiB'],
  ])('is said in a few digits: %i', (bytes, text) => {
    expect(roundedUp(bytes)).toBe(text);
  });

  it('is never less than what is needed', () => {
    for (const bytes of [1, 10_001, 11 * 2 ** 20 + 7, 100e9 + 2 ** 30, 2 ** 40 + 1]) {
      const read = parseSize(roundedUp(bytes));
      expect(read.ok && read.value).toBeGreaterThanOrEqual(bytes);
    }
  });
});
