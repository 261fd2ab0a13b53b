import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/topology/nearest.ts';

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
