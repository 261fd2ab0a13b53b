import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize, parseSize, SIZE_PATTERN } from '../../../src/topology/sizes.ts';

const refusal = (text: string): string => {
  const reading = parseSize(text);
  if (reading.ok) throw new Error(`${text} was read as ${reading.value}`);
  return reading.reason;
};

describe('parseSize', () => {
  it.each([
    ['10GiB', 10 * 2 ** 30],
    ['10Gi', 10 * 2 ** 30],
    ['10G', 10_000_000_000],
    ['10GB', 10_000_000_000],
    ['512MiB', 512 * 2 ** 20],
    ['1.5KiB', 1536],
    ['64 MiB', 64 * 2 ** 20],
    ['  1kB ', 1000],
    ['0B', 0],
    ['1TiB', 2 ** 40],
  ])('reads %s as %d bytes', (text, value) => {
    expect(parseSize(text)).toEqual({ ok: true, value });
  });

  it('tells G and GiB apart: a 10GiB stream does not fit a 10G store', () => {
    const [binary, decimal] = [parseSize('10GiB'), parseSize('10G')];
    expect(binary.ok && decimal.ok && binary.value - decimal.value).toBe(737_418_240);
  });

  it('refuses a bare number and names the units', () => {
    expect(refusal('1024')).toMatch(/^has no unit; write KiB, MiB.*for example 1024MiB$/);
    expect(refusal('1073741824')).toMatch(/for example 1GiB$/);
    expect(refusal('1234567890')).toMatch(/for example 1234567890B$/);
  });

  it('refuses an unknown unit and names the one that was meant', () => {
    expect(refusal('10gib')).toContain('did you mean "GiB"?');
    expect(refusal('10Q')).toContain('unknown unit "Q"');
    expect(refusal('10constructor')).toContain('unknown unit "constructor"');
  });

  it.each(['', 'GiB', '-1GiB', '1e3MiB', '1,5GiB', '1GiB 2MiB', '0x10KiB', '∞GiB'])('refuses %j', (text) => {
    expect(refusal(text)).toContain('not a size');
  });

  it('refuses parts of a byte and numbers that lose precision', () => {
    expect(refusal('1.5B')).toBe('not a whole number of bytes');
    expect(refusal('9999999999TiB')).toBe('too large; at most 8191TiB');
  });
});

describe('formatSize', () => {
  it.each([
    [2 ** 30, '1GiB'],
    [10_000_000_000, '10GB'],
    [1536, '1536B'],
    [1000, '1KB'],
    [0, '0B'],
    [10_000_000_001, '9.31GiB'],
    [1536 * 2 ** 20, '1536MiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('writes what parseSize and the JSON Schema accept, within one percent', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        const bytes = Math.abs(n);
        const text = formatSize(bytes);
        expect(text).toMatch(SIZE_PATTERN);
        const amount = Number.parseFloat(text);
        const one = parseSize(`1${text.replace(/^[\d.]+/, '')}`);
        expect(one.ok && Math.abs(one.value * amount - bytes)).toBeLessThanOrEqual(bytes * 0.01);
      }),
    );
  });
});
