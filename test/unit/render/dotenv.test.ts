import { describe, expect, it } from 'vitest';
import { renderDotenv } from '../../../src/render/dotenv.ts';

describe('an env file', () => {
  it('quotes so that nothing is replaced', () => {
    expect(renderDotenv({ A: '9$a"b\\c#{}', B: "it's" }, 'Heading')).toBe(
      '# Heading\nA=\'9$a"b\\c#{}\'\nB="it\'s"\n',
    );
  });

  it('refuses what the format cannot carry', () => {
    expect(() => renderDotenv({ A: 'two\nlines' }, '')).toThrow(/line break/);
    expect(() => renderDotenv({ A: `it's $5` }, '')).toThrow(/mixes quotes/);
    expect(() => renderDotenv({ 'a b': '' }, '')).toThrow(/cannot be the name/);
  });
});
