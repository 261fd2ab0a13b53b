import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originOf } from '../../../../src/doctor/embedded/scalar-origin.ts';
import { SourceText } from '../../../../src/doctor/nats-conf/source-text.ts';
import { yamlTexts } from '../../../../src/doctor/yaml-texts.ts';

/** Where each character of the value of `conf` is in the file, as the character that stands there. */
function reading(text: string) {
  const [yaml] = yamlTexts('a.yaml', text);
  const value = (yaml!.value as { data: { conf: string } }).data.conf;
  const origin = originOf({ yaml: yaml!, path: ['data', 'conf'] }, new SourceText('a.yaml', text), value);
  const characters = [...value.split('').keys()].filter((at) => value[at] !== '\n');
  return {
    value,
    isVerbatim: origin.isVerbatim,
    found: characters.map((at) => text[origin.offsetOf(at)]).join(''),
    wanted: characters.map((at) => value[at]).join(''),
    span: new SourceText('nats.conf', value, origin).span(value.indexOf('max'), value.indexOf('max') + 3),
    slice: (start: number, end: number) => text.slice(start, end),
  };
}

describe('a text within a YAML file', () => {
  it.each([
    ['a literal block', 'data:\n  conf: |\n    port: 1\n    max: 2\n', 4, 5],
    ['without the last line break', 'data:\n  conf: |-\n    port: 1\n    max: 2', 4, 5],
    ['with blank lines', 'data:\n  conf: |+\n\n    port: 1\n\n      a\n    max: 2\n\nx: 1\n', 7, 5],
    ['with an indentation that is told', 'data:\n  conf: |2\n      port: 1\n    max: 2\n', 4, 5],
    ['with a comment behind its mark', 'data:\n  conf: | # the file\n    # a\n    max: 2\n', 4, 5],
    ['with line ends of Windows', 'data:\r\n  conf: |\r\n    port: 1\r\n\r\n    max: 2\r\n', 5, 5],
    ['on one line', 'data:\n  conf: "port=1; max=2"\n', 2, 18],
    ['on one line without quotes', 'data: { conf: port=1; max=2 }\n', 1, 23],
    ['in JSON', '{ "data": { "conf": "max=2" } }', 1, 22],
  ])('%s has a place for each of its characters', (_, text, line, column) => {
    const { isVerbatim, found, wanted, span, slice } = reading(text);
    expect(isVerbatim).toBe(true);
    expect(found).toBe(wanted);
    expect(span).toMatchObject({ file: 'a.yaml', line, column });
    expect(slice(span.start, span.end)).toBe('max');
  });

  it.each([
    ['a folded block', 'data:\n  conf: >\n    port: 1\n    max: 2\n', 2, 3],
    ['escapes', 'data:\n  conf: "port: 1\\nmax: 2"\n', 2, 3],
    ['several lines in quotes', 'data:\n  conf: "port: 1;\n    max: 2"\n', 2, 3],
    ['JSON', '{ "data": { "conf": "port: 1\\nmax: 2" } }', 1, 13],
    ['an alias', 'x: &conf |\n  max: 2\ndata:\n  conf: *conf\n', 4, 3],
  ])('%s stands where its key does, and cannot be changed there', (_, text, line, column) => {
    const { isVerbatim, span } = reading(text);
    expect(isVerbatim).toBe(false);
    expect(span).toEqual({ file: 'a.yaml', line, column, start: Number.NaN, end: Number.NaN });
  });

  it('is found again whatever its lines are', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ' ', '#', '"', '$', '{', '}', ':', 'é', '\t') });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        // Literal blocks take their indentation from the first line that is not blank.
        const block = ['x', ...lines].map((each) => `    ${each}`).join('\n');
        const { isVerbatim, found, wanted } = reading(`data:\n  conf: |\n${block}\n`);
        expect(isVerbatim).toBe(true);
        expect(found).toBe(wanted);
      }),
    );
  });
});
