import type { ConfProblem, ConfSpan, ConfValue } from './document.ts';
import type { Token } from './lexer.ts';
import { isDatetime, readFloat, readInteger } from './numbers.ts';

/** A value that is neither a list nor a block, what is wrong with it, or null for a number that the server drops. */
export function readScalar(
  { kind, text, quoted }: Token,
  written: { span: ConfSpan; raw: string },
): { value: ConfValue } | Pick<ConfProblem, 'code' | 'message'> | null {
  switch (kind) {
    case 'string':
      return { value: { ...written, kind, value: text, quoted } };
    case 'boolean':
      return { value: { ...written, kind, value: /^(true|yes|on)$/i.test(text) } };
    case 'integer': {
      const number = readInteger(text);
      if (number === null) return null;
      if ('error' in number) return { code: 'integer-range', message: number.error };
      return { value: { ...written, kind, ...number } };
    }
    case 'float': {
      const number = readFloat(text);
      if ('error' in number) return { code: 'integer-range', message: number.error };
      return { value: { ...written, kind, value: number.value } };
    }
    case 'datetime':
      if (isDatetime(text)) return { value: { ...written, kind, value: text } };
      return { code: 'syntax', message: `expected Zulu formatted DateTime, but got '${text}'` };
    default:
      return null;
  }
}
