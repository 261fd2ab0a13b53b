import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { splitWords } from '../../../src/config/words.ts';
import { configure, refused } from './configuration.ts';

const template = readFileSync(new URL('../../../templates/pipeline/devenv.yaml', import.meta.url), 'utf8');

/** Whatever is read, the answer is a configuration or lines that each fit on a line and begin with a place. */
function judge(yaml: string): void {
  const result = configure(yaml);
  if (!('problems' in result)) {
    expect(result.topology.project).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
    return;
  }
  expect(result.problems.length).toBeGreaterThan(0);
  for (const line of result.problems) {
    expect(line).toMatch(/^(devenv\.yaml:\d+:\d+|default): ./);
    expect(line).not.toMatch(/\p{Cc}/u);
  }
}

describe('any text', () => {
  it('is answered', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), judge), { numRuns: 80 });
  });

  it('made of the starter with a piece cut out or put in is answered', () => {
    const pieces = fc.constantFrom(
      '',
      ':',
      '- ',
      '\n',
      '  ',
      '[',
      '}',
      '&a ',
      '*a',
      '"',
      '!!binary ',
      '? ',
      '\t',
      '<<: ',
    );
    const place = fc.nat(template.length);
    const cut = fc.tuple(place, fc.nat(40), pieces).map(([start, length, piece]) => {
      return template.slice(0, start) + piece + template.slice(start + length);
    });
    fc.assert(
      fc.property(cut, (text) => {
        const result = configure(text);
        if ('problems' in result) for (const line of result.problems) expect(line).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 30 },
    );
  });
});

describe('any value in any place', () => {
  const values = fc.oneof(
    fc.constantFrom<unknown>(null, true, -1, 0, 1.5, Number.POSITIVE_INFINITY, Number.NaN, '', '~', [], {}, [
      [],
    ]),
    fc.constantFrom<unknown>('constructor', '__proto__', 'toString', '../..', '-rf', '1e9', '10GiB\u0000'),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.object({ maxDepth: 2, maxKeys: 3 }),
  );
  const sections = [
    'project',
    'runtime',
    'nats',
    'postgres',
    'node',
    'streams',
    'consumers',
    'entities',
    'services',
    'ports',
  ];
  const inner = [
    'name',
    'limits',
    'environment',
    'build',
    'command',
    'fields',
    'derived',
    'key',
    'stream',
    'port',
  ];

  it('is answered', () => {
    const item = fc.dictionary(fc.constantFrom(...inner), values, { maxKeys: 4 });
    const content = fc.oneof(
      values,
      item,
      fc.array(item, { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('api', 'nats', 'constructor', 'hasOwnProperty', 'a b'), item, {
        maxKeys: 2,
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...sections), content, { maxKeys: 4 }), (document) => {
        judge(stringify(document));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['a reference to itself', 'nats: &a {version: *a}\n'],
    ['a list that contains itself', 'streams: &a [*a]\n'],
    ['an alias to nothing', 'nats: *nobody\n'],
    ['a key that is a map', '? {a: b}\n: c\n'],
    ['a key that is a number', '1: 2\n'],
    ['a merge of a word', 'nats: {<<: word}\n'],
    ['a tab', 'nats:\n\tversion: 2.15.1\n'],
  ])('%s is refused with its place', (_, yaml) => {
    const lines = refused(yaml);
    expect(lines).not.toHaveLength(0);
    for (const line of lines) expect(line).toMatch(/^devenv\.yaml:\d+:\d+: [^\n]+$/);
  });

  it('does not change what objects are', () => {
    configure('x-a: {__proto__: {polluted: yes}}\nservices: {constructor: {prototype: {polluted: yes}}}\n');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('splitWords', () => {
  it.each<[line: string, words: string[]]>([
    ['node server.js', ['node', 'server.js']],
    ['  a   b\t c ', ['a', 'b', 'c']],
    [`a 'b c' "d 'e'" f"g"h ''`, ['a', 'b c', "d 'e'", 'fgh', '']],
    [`echo '$HOME | x'`, ['echo', '$HOME | x']],
  ])('%s', (line, words) => {
    expect(splitWords(line)).toEqual({ ok: true, words });
  });

  it.each([
    ['a | b', '"|" needs a shell'],
    ['a $B', '"$" needs a shell'],
    ['a *.js', '"*" needs a shell'],
    ['a "b', 'the quote " is never closed'],
    ['   ', 'is empty'],
    ['"" b', 'is empty'],
  ])('%s is refused', (line, reason) => {
    const split = splitWords(line);
    expect(split.ok ? '' : split.reason).toContain(reason);
  });
});
