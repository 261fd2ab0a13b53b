import { describe, expect, it } from 'vitest';
import { MOST_YAML_PARTS } from '../../../src/config/yaml-limits.ts';
import { yamlTexts } from '../../../src/doctor/yaml-texts.ts';

function errorsOf(text: string): string[] {
  return yamlTexts('f.yaml', text).flatMap(({ errors }) =>
    errors.map(({ place, message }) =>
      place.kind === 'file' ? `${place.line}:${place.column}: ${message}` : message,
    ),
  );
}

describe('YAML that is too much', () => {
  it.each([
    ['a hundred thousand opened maps', `a: ${'{a: '.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a hundred thousand opened lists', `a: ${'['.repeat(100_000)}`],
    ['as JSON', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('is given up where it gets too deep: %s', (_, text) => {
    const [error, ...others] = errorsOf(text);
    expect(error).toMatch(/^1:\d{4}: is nested too deeply to be read$/);
    expect(others).toEqual([]);
  });

  it.each([
    ['line ends', '\n'.repeat(MOST_YAML_PARTS + 1)],
    ['documents', '---\na\n'.repeat(MOST_YAML_PARTS / 30)],
  ])('is given up where it is too long: %s', (_, text) => {
    const errors = errorsOf(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^\d+:\d+: from here on there is too much to be read/);
  });

  it('is read up to there', () => {
    const [document] = yamlTexts('f.yaml', `a: 1\n${'\n'.repeat(MOST_YAML_PARTS / 2)}b: 2\n`);
    expect(document?.value).toEqual({ a: 1, b: 2 });
  });
});
