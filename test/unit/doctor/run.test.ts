import { describe, expect, it } from 'vitest';
import type { StaticFacts } from '../../../src/doctor/facts.ts';
import type { Place, Report } from '../../../src/doctor/finding.ts';
import { natsVersionOf, natsVersionOfImage } from '../../../src/doctor/nats-versions.ts';
import { summaryOf } from '../../../src/doctor/report.ts';
import type { Rule } from '../../../src/doctor/rule.ts';
import { placeText, runStatic } from '../../../src/doctor/run.ts';
import { yamlTexts } from '../../../src/doctor/yaml-texts.ts';

const facts: StaticFacts = {
  project: null,
  confs: [],
  composes: [],
  manifests: [],
  natsVersion: '2.15.1',
  env: {},
};
const at = (file: string, line: number, column = 1): Place => ({ kind: 'file', file, line, column });
const report = (place: Place, cause = 'It is so.', rest: Partial<Report> = {}): Report => ({
  place,
  cause,
  fix: 'Mend it.',
  ...rest,
});
const rule = (id: string, check: () => Iterable<Report>, rest: Partial<Rule> = {}): Rule => ({
  id,
  title: `rule ${id}`,
  severity: 'error',
  meaning: 'm',
  cause: 'c',
  fix: 'f',
  symptoms: ['first', 'second'],
  static: check,
  ...rest,
});

describe('runStatic', () => {
  it('sorts by file, line, column and weight, and puts what is no file last', () => {
    const findings = runStatic(facts, {
      rules: [
        rule('A', () => [
          report(at('b', 9)),
          report({ kind: 'object', object: 'stream X' }),
          report(at('a', 3, 2)),
        ]),
        rule('B', () => [
          report(at('a', 3, 1)),
          report(at('b', 2)),
          report(at('b', 9), 'Note.', { severity: 'note' }),
        ]),
      ],
    });
    expect(findings.map(({ place, severity }) => `${placeText(place)} ${severity}`)).toEqual([
      'b:2:1 error',
      'b:9:1 error',
      'b:9:1 note',
      'a:3:1 error',
      'a:3:2 error',
      'stream X error',
    ]);
  });

  it('says each thing once', () => {
    const twice = rule('A', () => [report(at('a', 1)), report(at('a', 1)), report(at('a', 1), 'Another.')]);
    expect(runStatic(facts, { rules: [twice] }).map(({ cause }) => cause)).toEqual(['It is so.', 'Another.']);
  });

  it('fills in what a report leaves to its rule', () => {
    const rules = [
      rule('A', () => [report(at('a', 1)), report(at('a', 2), 'x', { symptom: 's', severity: 'warning' })]),
    ];
    const [first, second] = runStatic(facts, { rules });
    expect(first).toMatchObject({ rule: 'A', title: 'rule A', severity: 'error', symptom: 'first' });
    expect(second).toMatchObject({ severity: 'warning', symptom: 's' });
  });

  it('cuts a name of a million characters, wherever it is told, and nothing shorter', () => {
    const name = `a${'x'.repeat(1_000_000)}z`;
    const texts = { fix: `Rename ${name}.`, symptom: `unknown field "${name}"` };
    const long = rule('A', () => [report(at('f', 1), `The field ${name} is unknown.`, texts)]);
    const words = 'and so on '.repeat(400);
    const wordy = rule('B', () => [report(at('f', 2), words)]);
    const [first, second] = runStatic(facts, { rules: [long, wordy] });
    for (const text of [first!.cause, first!.fix, first!.symptom]) {
      expect(text.length).toBeLessThan(250);
      expect(text).toMatch(/ax{50,}… \(9998\d\d more characters\) …x+z/);
    }
    expect(second!.cause).toBe(words);
  });

  it('does not tell the same of a hundred thousand lines', () => {
    const endless = rule('A', function* () {
      for (let line = 1; ; line += 1) yield report(at('a', line));
    });
    const findings = runStatic(facts, { rules: [endless, rule('B', () => [report(at('b', 1))])] });
    expect(summaryOf(findings)).toEqual({ errors: 1_001, warnings: 0, notes: 1 });
    expect(findings[1_000]).toMatchObject({
      severity: 'note',
      place: { line: 1_001 },
      cause: expect.stringContaining('more of the same'),
    });
  });

  it('tells of a rule that throws, keeps what it had said, and asks the others', () => {
    const rules = [
      rule('A', function* () {
        yield report(at('a', 1));
        throw new TypeError('undefined is not a function');
      }),
      rule('B', () => [report(at('a', 2))]),
    ];
    const findings = runStatic(facts, { rules });
    expect(findings.map(({ place }) => placeText(place))).toEqual(['a:1:1', 'a:2:1', 'rule A']);
    expect(findings[2]).toMatchObject({
      severity: 'warning',
      cause: expect.stringContaining('bug in devenv'),
    });
    expect(summaryOf(findings)).toEqual({ errors: 2, warnings: 1, notes: 0 });
  });
});

describe('yamlTexts', () => {
  it('gives every document that is not empty, with places in the whole file', () => {
    const texts = yamlTexts('k8s.yaml', 'kind: A\n---\n# nothing\n---\nkind: B\nspec:\n  x: "y"\n');
    expect(texts.map(({ value }) => value)).toEqual([{ kind: 'A' }, { kind: 'B', spec: { x: 'y' } }]);
    expect(texts[1]?.place(['spec', 'x'])).toEqual({ kind: 'file', file: 'k8s.yaml', line: 7, column: 6 });
    expect(texts[1]?.place(['spec', 'x'], 'key')).toEqual({
      kind: 'file',
      file: 'k8s.yaml',
      line: 7,
      column: 3,
    });
    expect(texts[1]?.scalar(['spec', 'x'])).toMatchObject({ text: '"y"', file: 'k8s.yaml' });
  });

  it('has places in JSON too', () => {
    const [text] = yamlTexts('s.json', '{\n\t"name": "S",\n\t"max_age": 5\n}');
    expect(text?.value).toEqual({ name: 'S', max_age: 5 });
    expect(text?.place(['max_age'])).toEqual({ kind: 'file', file: 's.json', line: 3, column: 13 });
    expect(text?.scalar(['max_age'])?.text).toBe('5');
  });

  it('takes tags of others, and offers no edit behind an alias or in a block', () => {
    const [text] = yamlTexts('c.yaml', 'a: !reset [x]\nb: &v one\nc: *v\nd: |\n  long\n');
    expect(text?.errors).toEqual([]);
    expect(text?.scalar(['b'])?.text).toBe('one');
    expect(text?.scalar(['c'])).toBeNull();
    expect(text?.scalar(['d'])).toBeNull();
    expect(text?.scalar(['a'])).toBeNull();
  });

  it.each([
    ['what is no YAML', 'a: [1\nb: }'],
    ['a key twice', 'a: 1\na: 2'],
    ['deep nesting', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['aliases of aliases', `a: &a [1]\n${Array.from({ length: 200 }, () => 'x: *a').join('\n')}`],
  ])('says what is wrong with %s', (_, text) => {
    const [document] = yamlTexts('c.yaml', text);
    expect(document?.value).toBeUndefined();
    expect(document?.errors.length).toBeGreaterThan(0);
    expect(document?.errors[0]?.place).toMatchObject({ kind: 'file', file: 'c.yaml' });
  });
});

describe('natsVersionOf', () => {
  it.each([
    ['2.10.27', '2.10.27'],
    ['v2.9.10', '2.9.10'],
    ['2.10', '2.10.29'],
    ['2.10-alpine3.20', '2.10.29'],
    ['2', '2.15.1'],
    ['latest', '2.15.1'],
    ['nonsense', undefined],
  ])('%s', (text, version) => {
    expect(natsVersionOf(text)).toBe(version);
  });

  it.each([
    ['nats:2.10-alpine', '2.10.29'],
    ['docker.io/library/nats:2.9.10', '2.9.10'],
    ['registry:5000/nats', '2.15.1'],
    ['nats@sha256:abc', '2.15.1'],
    ['natsio/nats-box:0.14', undefined],
    ['natsio/prometheus-nats-exporter:0.15', undefined],
    ['postgres:18', undefined],
  ])('of the image %s', (image, version) => {
    expect(natsVersionOfImage(image)).toBe(version);
  });
});
