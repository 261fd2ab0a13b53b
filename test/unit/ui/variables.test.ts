import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { variablesText } from '../../../src/ui/variables.ts';

describe('dotenv', () => {
  it.each([
    ['plain', 'A="plain"\n'],
    ['', 'A=""\n'],
    ["with space # and = and '", 'A="with space # and = and \'"\n'],
    ['$HOME "quoted" back\\slash `tick`', 'A=\'$HOME "quoted" back\\slash `tick`\'\n'],
    ['two\nlines', 'A="two\\nlines"\n'],
    ["$x and '", 'A="\\$x and \'"\n'],
  ])('%j', (value, text) => {
    expect(variablesText({ A: value }, 'dotenv')).toBe(text);
  });

  it('is read back by Node itself whenever both kinds of quotes are not needed at once', () => {
    const value = fc
      .string({ unit: 'binary-ascii' })
      .filter((text) => !/[\0\r]/.test(text) && !/'/.test(text));
    fc.assert(
      fc.property(value, (text) => {
        // With a line end only double quotes are left, in which Node undoes nothing but `\n`.
        fc.pre(!/\n/.test(text) || !/["\\$`]/.test(text));
        expect(parseEnv(variablesText({ A: text }, 'dotenv'))).toEqual({ A: text });
      }),
    );
  });
});

it('shell quotes everything', () => {
  expect(variablesText({ A: "it's $(x)", B: '' }, 'shell')).toBe("export A='it'\\''s $(x)'\nexport B=''\n");
});

it('json is what it is', () => {
  expect(JSON.parse(variablesText({ A: '"\n' }, 'json'))).toEqual({ A: '"\n' });
});

it.each(['A B', 'A;rm', '1A', '', 'A=B', '$(x)'])('refuses %j as a name', (name) => {
  expect(() => variablesText({ [name]: 'x' }, 'shell')).toThrow('is no variable name');
});

it('refuses a NUL, which no shell can hold', () => {
  expect(() => variablesText({ A: 'x\0y' }, 'shell')).toThrow('NUL');
});
