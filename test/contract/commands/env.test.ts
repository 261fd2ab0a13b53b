import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { variablesText } from '../../../src/ui/variables.ts';

/** What no value could be escaped from by chance: quotes, expansions, separators, line ends, other scripts. */
const hostile = fc.string({
  unit: fc.constantFrom(...'\'"`$\\(){}[]<>|&;#!*?~=%^ \t\n\r-é漢😀\u001bx0'),
  maxLength: 40,
});
const values = fc.array(fc.oneof(hostile, fc.string({ unit: 'binary' }).map(withoutNul)), {
  minLength: 1,
  maxLength: 30,
});

it.each(['bash', 'sh'])('%s gets every value back from eval "$(devenv env --format shell)"', (shell) => {
  fc.assert(
    fc.property(values, (texts) => {
      const variables = Object.fromEntries(texts.map((text, index) => [`V${index}`, text]));
      const names = Object.keys(variables);
      // The output goes through a command substitution, as it does in real life, and is never an argument.
      const script = `eval "$(cat)"; for name in ${names.join(' ')}; do eval "printf '%s\\\\0' \\"\\$$name\\""; done; printenv V0 >/dev/null || exit 9`;
      const output = execFileSync(shell, ['-c', script], {
        input: variablesText(variables, 'shell'),
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      expect(output.toString().split('\0').slice(0, -1)).toEqual(Object.values(variables));
    }),
    { numRuns: 20 },
  );
});

it('the escapes of dotenv are those of a POSIX shell, but for line ends', () => {
  fc.assert(
    fc.property(
      hostile.filter((text) => !/[\n\r]/.test(text)),
      (text) => {
        const output = execFileSync('sh', ['-c', 'eval "$(cat)"; printf "%s" "$A"'], {
          input: variablesText({ A: text }, 'dotenv'),
        });
        expect(output.toString()).toBe(text);
      },
    ),
    { numRuns: 40 },
  );
});

/** Lone surrogates cannot be written as UTF-8, and a NUL is refused. */
function withoutNul(text: string): string {
  return Buffer.from(text.replaceAll('\0', '')).toString();
}
