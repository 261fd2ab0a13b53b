import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DURATION_PATTERN, formatDuration, parseDuration } from '../../../src/topology/durations.ts';

const refusal = (text: string): string => {
  const reading = parseDuration(text);
  if (reading.ok) throw new Error(`${text} was read as ${reading.value}`);
  return reading.reason;
};

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['20s', 20_000],
    ['2m', 120_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['1.1s', 1100],
    ['0s', 0],
  ])('reads %s as %d ms', (text, value) => {
    expect(parseDuration(text)).toEqual({ ok: true, value });
  });

  it('refuses a bare number and names the units', () => {
    expect(refusal('30')).toBe('has no unit; write ms, s, m, h or d, for example 30s');
  });

  it.each(['', 's', '-1s', '1 s', '1,5s', 'forever', '1e3s'])('refuses %j', (text) => {
    expect(refusal(text)).toMatch(/not a duration|unknown unit/);
  });

  it('refuses units that it does not know, parts of a millisecond and more than 292 years', () => {
    expect(refusal('10us')).toContain('unknown unit "us"');
    expect(refusal('10toString')).toContain('unknown unit "toString"');
    expect(refusal('1.5ms')).toBe('not a whole number of milliseconds');
    expect(refusal('999999d')).toBe('too long; at most 106751d');
  });
});

describe('formatDuration', () => {
  it.each([
    [86_400_000, '24h'],
    [604_800_000, '7d'],
    [5_400_000, '1h30m'],
    [250, '250ms'],
    [1500, '1s500ms'],
    [0, '0s'],
  ])('writes %d as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('writes exactly what parseDuration reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), (ms) => {
        expect(formatDuration(ms)).toMatch(DURATION_PATTERN);
        expect(parseDuration(formatDuration(ms))).toEqual({ ok: true, value: ms });
      }),
    );
  });
});
