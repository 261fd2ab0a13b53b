import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/doctor/explain.ts';
import { jetStreamAdvice } from '../../../src/doctor/jetstream-advice.ts';
import { jetStreamErrors } from '../../../src/doctor/jetstream-errors.ts';
import { RULES } from '../../../src/doctor/registry.ts';

/** `not used`, and the tool that rescues a JetStream system by hand: nobody meets them without knowing why. */
const WITHOUT = [10224, 10225];
const byRule = new Set(RULES.flatMap(({ codes }) => codes ?? []));

describe('every error code of the JetStream API', () => {
  it.each(jetStreamErrors())('has a cause and a fix: $code $text', ({ code }) => {
    if (WITHOUT.includes(code)) return expect(explain(String(code))?.codes).toHaveLength(1);
    const { rules, codes } = explain(String(code))!;
    const answers = [...rules, ...codes.filter(({ fix }) => fix !== undefined)];
    expect(answers).not.toEqual([]);
    for (const { cause, fix } of answers) {
      expect(cause).toMatch(/^.{20,}\.$/s);
      expect(fix).toMatch(/^.{20,}[.)]$/s);
    }
  });

  it('is explained in one place only', () => {
    const twice = jetStreamErrors().filter(({ code }) => byRule.has(code) && jetStreamAdvice(code));
    expect(twice.map(({ code }) => code)).toEqual([]);
  });
});
