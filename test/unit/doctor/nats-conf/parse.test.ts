import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfValue } from '../../../../src/doctor/nats-conf/document.ts';
import { plainConf, problemsOf, readConf } from './reading.ts';

describe('values', () => {
  it.each([
    ['a: 10', 10n],
    ['a = 10k', 10_000n],
    ['a 10kb', 10_240n],
    ['a: 10G', 10_000_000_000n],
    ['a: 10GiB', 10_737_418_240n],
    ['a: -1', -1n],
    ['a: 9223372036854775807', 9223372036854775807n],
    ['a: 1.5', 1.5],
    ['a: yes', true],
    ['a: OFF', false],
    ['a: 2024-02-29T10:00:00Z', '2024-02-29T10:00:00Z'],
    ['a: word', 'word'],
    ["a: 'it is'", 'it is'],
    ['a: "tab\\t, quote\\", \\x41\\xc3\\xa9"', 'tab\t, quote", Aé'],
    ['a: 127.0.0.1:4222', '127.0.0.1:4222'],
    ['a: 12abc', '12abc'],
    ['a: (\nfirst\nsecond\n)\n', '\nfirst\nsecond\n'],
    ['a: [1, "b", on]', [1n, 'b', true]],
    ['a: [\n  b\n  c # more\n]', ['b', 'c']],
    ['a { b: 1; c: { d: x } }', { b: 1n, c: { d: 'x' } }],
    ['a: $2a$11$abc', '$2a$11$abc'],
  ])('%j', (text, value) => {
    const document = readConf(text);
    expect(document.problems).toEqual([]);
    expect(plainConf(document)).toEqual({ a: value });
  });

  it.each([
    ['a: 9223372036854775808', 'integer-range', "integer '9223372036854775808' is out of the range"],
    ['a: 2023-02-29T10:00:00Z', 'syntax', "expected Zulu formatted DateTime, but got '2023-02-29T10:00:00Z'"],
    ['a: 1.5GB', 'syntax', "Parse error on line 1: 'Expected a top-level value to end with a new line"],
    ['a: "\\u0041"', 'syntax', "Parse error on line 1: 'Invalid escape character 'u'."],
    ['a: [1, 2', 'syntax', "Parse error on line 1: 'Expected an array value terminator"],
    ['a { b: 1', 'syntax', 'Parse error on line 1'],
    ['port', 'syntax', 'config is invalid (nats.conf:1:4)'],
    ['', 'empty', 'config has no values or is empty'],
    ['# only this\n', 'empty', 'config has no values or is empty'],
    ['a: b\0c\0{', 'not-text', 'config is invalid'],
  ])('refuses %j', (text, code, message) => {
    const [problem] = readConf(text).problems;
    expect(problem).toMatchObject({ code });
    expect(problem!.message).toContain(message);
  });

  it('reads what generations read otherwise as each of them does', () => {
    expect(readConf('port', { version: '2.9.10' }).problems).toEqual([]);
    expect(readConf('', { version: '2.9.10' }).problems).toEqual([]);
    expect(readConf('a: 10k2', { version: '2.14.5' }).problems).toHaveLength(1);
    expect(plainConf(readConf('a: 10k2', { version: '2.15.0' }))).toEqual({ a: '10k2' });
    const json = '{"a": 1,\n "b": {"c": "d"}}\n';
    for (const version of ['2.9.10', '2.10.27', '2.15.1'])
      expect(plainConf(readConf(json, { version }))).toEqual({ a: 1n, b: { c: 'd' } });
  });
});

describe('places', () => {
  it('keeps lines, columns, offsets and what is written', () => {
    const text = 'port: 4222\njetstream {\n  max_mem: 1GiB\r\n\tstore_dir "été" # here\n}\n';
    const [port, jetstream] = readConf(text).entries;
    expect(port).toMatchObject({
      keySpan: { file: 'nats.conf', line: 1, column: 1, start: 0, end: 4 },
      value: { span: { line: 1, column: 7, start: 6, end: 10 }, raw: '4222' },
    });
    const block = jetstream!.value as Extract<ConfValue, { kind: 'map' }>;
    expect(
      block.entries.map(({ key, keySpan, value }) => [key, keySpan.line, keySpan.column, value.raw]),
    ).toEqual([
      ['max_mem', 3, 3, '1GiB'],
      ['store_dir', 4, 2, '"été"'],
    ]);
    expect(block.raw).toBe(text.slice(text.indexOf('{'), text.indexOf('}') + 1));
  });

  it('holds for every value of any text', () => {
    const piece = fc.constantFrom(
      'a: 1\n',
      'b { c: "x" }\n',
      '[',
      ']',
      '{',
      '}',
      "'y'",
      ' ',
      '\n',
      'é',
      'd = [1, z]\n',
      '#',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const look = (value: ConfValue): void => {
          expect(text.slice(value.span.start, value.span.end)).toBe(value.raw);
          if (value.kind === 'list') value.items.forEach(look);
          if (value.kind === 'map') for (const entry of value.entries) look(entry.value);
        };
        for (const { value } of readConf(text).entries) look(value);
      }),
      { numRuns: 300 },
    );
  });
});

describe('variables', () => {
  it('are looked for in the blocks around, then in the environment', () => {
    const text = 'N: 1\na { N: 2, b { c: $N }, d: $HOME_PORT }\ne: $N\n';
    const document = readConf(text, { env: { HOME_PORT: '4222' } });
    expect(document.problems).toEqual([]);
    expect(plainConf(document)).toMatchObject({ a: { b: { c: 2n }, d: 4222n }, e: 1n });
    expect(document.entries.find(({ key }) => key === 'N')?.used).toBe(true);
    const reference = document.entries.at(-1)!.value;
    expect(reference).toMatchObject({
      raw: '$N',
      variable: 'N',
      variableFrom: 'file',
      span: { line: 3, column: 4 },
    });
  });

  it('are text inside quotes', () => {
    expect(plainConf(readConf(`a: "$N", b: '$\{N}'`))).toEqual({ a: '$N', b: `$\{N}` });
  });

  it('are read again when they come from the environment', () => {
    const env = {
      NUMBER: '12345',
      LIST: '[a, b]',
      TEXT: '"a,b"',
      CHAIN: '$NUMBER',
      EMPTY: '',
      CUT: 'abc # rest',
    };
    const text = 'a: $NUMBER\nb: $LIST\nc: $TEXT\nd: $CHAIN\ne: $EMPTY\nf: $CUT\n';
    const document = readConf(text, { env });
    expect(document.problems).toEqual([]);
    expect(plainConf(document)).toEqual({ a: 12345n, b: ['a', 'b'], c: 'a,b', d: 12345n, e: '', f: 'abc' });
  });

  it.each([
    ['a: $GONE', 'variable-missing', 'GONE', "variable reference for 'GONE' on line 1 can not be found"],
    [`\na: $\{X}`, 'variable-missing', '{X', "variable reference for '{X' on line 2 can not be found"],
    ['a: $2b$11$abc', 'variable-missing', '2b$11$abc', 'can not be found'],
    ['a: $LOOP', 'variable-cycle', 'LOOP', "variable reference cycle for 'LOOP'"],
    ['a: $COMMA', 'variable-value', 'COMMA', 'could not be parsed: config is invalid'],
  ])('%j is a problem', (text, code, subject, message) => {
    const document = readConf(text, {
      env: { LOOP: '$LOOP2', LOOP2: '$LOOP', COMMA: 'a,b', toString: undefined },
    });
    expect(document.problems).toMatchObject([{ code, subject }]);
    expect(document.problems[0]!.message).toContain(message);
  });

  it('of the environment are cut at a comma by old servers', () => {
    expect(plainConf(readConf('a: $COMMA', { env: { COMMA: 'a,b' }, version: '2.9.10' }))).toEqual({
      a: 'a',
    });
  });

  it('do not come from the prototype of an object', () => {
    expect(readConf('a: $constructor').problems).toMatchObject([{ code: 'variable-missing' }]);
  });
});

describe('includes', () => {
  it('stand in place of their line, with places of their own', () => {
    const files = { 'conf.d/auth.conf': 'b: 2\ninclude more.conf\n', 'conf.d/more.conf': 'c: 3\n' };
    const document = readConf('a: 1\ninclude ./conf.d/auth.conf\nd { include "conf.d/more.conf" }\n', {
      files,
    });
    expect(document.problems).toEqual([]);
    expect(plainConf(document)).toEqual({ a: 1n, b: 2n, c: 3n, d: { c: 3n } });
    expect(document.entries.map(({ keySpan }) => keySpan.file)).toEqual([
      'nats.conf',
      'conf.d/auth.conf',
      'conf.d/more.conf',
      'nats.conf',
    ]);
    expect([...document.sources.keys()]).toEqual(['nats.conf', 'conf.d/auth.conf', 'conf.d/more.conf']);
  });

  it('are looked for under the folder of the file, absolute ones too', () => {
    expect(problemsOf(readConf('include /etc/auth.conf'))).toEqual([
      "nats.conf:1:9 include-missing error parsing include file '/etc/auth.conf', open etc/auth.conf: no such file or directory",
    ]);
  });

  it('tell of what is wrong inside, there', () => {
    const files = { 'b.conf': 'x: 1\ny: [\n' };
    expect(problemsOf(readConf('include b.conf', { files }))).toEqual([
      expect.stringMatching(
        /^b\.conf:\d+:\d+ syntax error parsing include file 'b\.conf', Parse error on line \d/,
      ),
    ]);
  });

  it('may not go round in a circle', () => {
    const files = { 'b.conf': 'include c.conf', 'c.conf': 'include ./b.conf' };
    expect(readConf('include b.conf', { files }).problems).toMatchObject([
      { code: 'include-cycle', span: { file: 'c.conf', line: 1 } },
    ]);
    expect(readConf('include nats.conf').problems).toMatchObject([{ code: 'include-cycle' }]);
  });
});

describe('hostile texts', () => {
  it('names a byte order mark and reads the rest', () => {
    const document = readConf('\ufeffport: 4222\n');
    expect(problemsOf(document)).toEqual(['nats.conf:1:1 bom unknown field "\\ufeffport"']);
    expect(plainConf(document)).toEqual({ port: 4222n });
  });

  it.each([
    ['blocks', 'a {'.repeat(100_000), 'too-deep'],
    ['lists', `a: ${'['.repeat(100_000)}`, 'too-deep'],
    ['size', `a: ${'x'.repeat(17 * 1024 * 1024)}`, 'too-large'],
  ])('bounds %s', (_, text, code) => {
    expect(readConf(text).problems[0]).toMatchObject({ code });
  });

  it('bounds files that include two others each, and values that double', () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`f${index}.conf`, `include f${index + 1}.conf\n`.repeat(2)]),
    );
    expect(readConf('include f0.conf', { files }).problems).toContainEqual(
      expect.objectContaining({
        code: 'too-large',
        message: expect.stringContaining('more than 1000 files and variables'),
      }),
    );
    const doubling = Array.from({ length: 40 }, (_, index) => `v${index + 1}: [$v${index}, $v${index}]\n`);
    const document = readConf(`v0: 1\n${doubling.join('')}`);
    expect(document.problems[0]).toMatchObject({ code: 'too-large' });
    const env = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`E${index}`, `[$E${index + 1}, $E${index + 1}]`]),
    );
    expect(readConf('a: $E0', { env }).problems[0]).toMatchObject({ code: 'variable-value' });
  });

  it('never throws, whatever the text', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'{}[]()"\'\\$#/:=,; \n\ta1.-k\0') }),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom('2.9.10', '2.10.27', '2.15.1'), (text, version) => {
        const { entries, problems } = readConf(text, { version });
        expect(entries.length + problems.length).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
