import { describe, expect, it } from 'vitest';
import { explain, explainable } from '../../../src/doctor/explain.ts';
import { jetStreamError, jetStreamErrors } from '../../../src/doctor/jetstream-errors.ts';
import { pastedLine } from '../../../src/doctor/pasted-line.ts';
import { RULES } from '../../../src/doctor/registry.ts';
import { defineRule, type Rule } from '../../../src/doctor/rule.ts';

const rule = (id: string, parts: Partial<Rule>): Rule =>
  defineRule({
    id,
    title: `rule ${id}`,
    severity: 'error',
    meaning: 'It means something.',
    cause: 'It has a cause.',
    fix: 'Mend it.',
    symptoms: [],
    static: () => [],
    ...parts,
  });

const rules = [
  rule('C01', { symptoms: ['nats.conf:26:4: unknown field "max_memory"'] }),
  rule('E01', {
    symptoms: ['Error listening on port: listen tcp 0.0.0.0:4222: bind: address already in use'],
  }),
  rule('R01', { symptoms: ['insufficient storage resources available (10047)'], codes: [10047] }),
  rule('R02', { symptoms: ['insufficient storage resources available'], codes: [10047] }),
  rule('A02', {
    symptoms: ['…'],
    matches: [/Permissions Violation for Subscription to "(?<subject>_INBOX[^"]*)"/],
  }),
  rule('S04', { symptoms: ['jetstream is not enabled', "no responders: 'orders.created'"] }),
];

const ids = (asked: string): string[] | undefined => explain(asked, rules)?.rules.map(({ id }) => id);

describe('pastedLine', () => {
  it.each([
    ['[7] 2026/11/21 04:00:00.123456 [ERR] out of space', 'out of space'],
    ['nats-1  | [1] 2026/11/21 04:00:00.123456 [FTL] out of space', 'out of space'],
    ['2026-11-21T04:00:00.123Z ERROR out of space', 'out of space'],
    ['\u001b[31mError:\u001b[39m out of space', 'out of space'],
    ['"out of space"', 'out of space'],
    ["'[1] 2026/11/21 04:00:00 [ERR] out of space',", 'out of space'],
    ['{"level":50,"time":1763697600000,"msg":"out of space"}', 'out of space'],
    ['{"error":{"code":503,"err_code":10047,"description":"insufficient"}}', 'insufficient: 10047'],
    [
      'nats-server: dockerfiles/server.conf:26:4: unknown field "max_memory"',
      'dockerfiles/server.conf:26:4: unknown field "max_memory"',
    ],
    ['  out\n   of\tspace\u0007 ', 'out of space'],
    ['{ not json', '{ not json'],
    ['', ''],
  ])('%j', (pasted, text) => {
    expect(pastedLine(pasted).text).toBe(text);
  });

  it('keeps quotes that belong to a name', () => {
    expect(pastedLine('"a" and "b"').text).toBe('"a" and "b"');
  });

  it('finds names and codes, and takes no part of a time or a port for a code', () => {
    const { names, codes } = pastedLine('server.conf:26:4: "max" at 10.0.0.1:10047 in 10048.5 ms (10065)');
    expect(names).toEqual(['server.conf:26:4', '"max"']);
    expect(codes).toEqual([10065]);
  });

  it('answers at once to what is no line at all', () => {
    const started = performance.now();
    for (const text of [
      '"'.repeat(200_000),
      '[1] '.repeat(50_000),
      'a.'.repeat(100_000),
      '{'.repeat(100_000),
    ]) {
      expect(pastedLine(text).text.length).toBeLessThanOrEqual(8_000);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('explain', () => {
  it('knows a rule by its id, in any case', () => {
    expect(explain('r01', rules)).toMatchObject({
      query: 'R01',
      rules: [{ id: 'R01', because: 'id', found: ['before'] }],
    });
  });

  it('knows every rule that has a code, and the words of the server', () => {
    expect(explain('10047', rules)).toMatchObject({
      codes: [{ code: 10047, text: 'insufficient storage resources available' }],
      rules: [{ id: 'R01', because: 'code' }, { id: 'R02' }],
    });
  });

  it.each([
    ['10047', 'R01'],
    ['10065', 'S01'],
    ['insufficient storage resources available (10047)', 'R01'],
  ])('names the usual reason of %s first', (asked, id) => {
    expect(explain(asked)?.rules[0]?.id).toBe(id);
  });

  it('answers a code without a rule in the words of the server', () => {
    expect(explain('10058', rules)).toMatchObject({
      codes: [{ code: 10058, text: 'stream name already in use with a different configuration' }],
      rules: [],
    });
  });

  it.each([
    ['other/place.conf:3:1: unknown field "foo"', ['C01']],
    ['unknown field max_memory', ['C01']],
    ['[ERR] Error listening on port: listen tcp 127.0.0.1:9999: bind: address already in use', ['E01']],
    ["NatsError: no responders: 'payments.new'", ['S04']],
    ['nats: Permissions Violation for Subscription to "_INBOX.abc.*"', ['A02']],
    ['JetStreamApiError: insufficient storage resources available', ['R01', 'R02']],
    ['listening failed: the port address is already in use', ['E01']],
  ])('%s', (line, expected) => {
    expect(ids(line)).toEqual(expected);
  });

  it('finds the line that says something in a log, the last of equals', () => {
    const log = [
      '[1] 2026/11/21 04:00:00 [INF] Starting nats-server',
      '[1] 2026/11/21 04:00:00 [ERR] unknown field "first"',
      '[1] 2026/11/21 04:00:01 [ERR] unknown field "second"',
      '[1] 2026/11/21 04:00:02 [INF] Server Exiting..',
    ];
    expect(explain(log.join('\n'), rules)).toMatchObject({
      query: 'unknown field "second"',
      rules: [{ id: 'C01' }],
    });
  });

  it('knows the lines that devenv itself prints', () => {
    expect(ids('devenv.yaml:3:5: stream A takes what stream B takes. (S04)')).toEqual(['S04']);
    expect(ids('nats.conf:26:4: error C01 unknown field in nats.conf')).toEqual(['C01']);
  });

  it('knows a status of the protocol by the texts that have it', () => {
    const refused = [...rules, rule('S05', { symptoms: ['503 No Responders Available For Request'] })];
    expect(explain('503', refused)?.rules.map(({ id }) => id)).toEqual(['S05']);
    expect(explain('504', refused)).toBeUndefined();
  });

  it('names what stands in the line', () => {
    expect(explain('a.conf:3:1: unknown field "foo"', rules)?.names).toEqual(['a.conf:3:1', '"foo"']);
  });

  it.each(['', '   ', 'bla', 'the server is not there', '99999', 'C99', '\u001b[31m'])(
    'has no answer to %j',
    (asked) => {
      expect(explain(asked, rules)).toBeUndefined();
    },
  );

  it('says how much it knows', () => {
    expect(explainable(rules)).toEqual({ rules: 6, symptoms: 7, codes: jetStreamErrors().length });
  });
});

describe('the catalogue', () => {
  it('names only codes that JetStream has', () => {
    const unknown = RULES.flatMap(({ id, codes = [] }) =>
      codes.filter((code) => jetStreamError(code) === undefined).map((code) => `${id}: ${code}`),
    );
    expect(unknown).toEqual([]);
  });

  it.each(RULES.map(({ id, symptoms }) => ({ id, symptom: symptoms[0]! })))(
    '$id is among the answers to its own symptom',
    ({ id, symptom }) => {
      expect(explain(symptom)?.rules.map((answer) => answer.id) ?? []).toContain(id);
    },
  );

  it.each([
    [
      '[1] 2026/11/21 08:00:00 [ERR] 127.0.0.1:4 - cid:5 - "nats.js" - authentication error - User "clerk"',
      'A01',
    ],
    ["[ERR] 127.0.0.1:5 - cid:9 - TLS handshake error: tls: client didn't provide a certificate", 'A10'],
    ['Error: unable to verify the first certificate', 'A10'],
    ['\'Permissions Violation for Subscription to "_INBOX.ABC.*"\'', 'A02'],
    ['127.0.0.1:1 - cid:4 - User "x" - Publish Violation - Subject "$JS.ACK.S.c.1.2.3.4.5"', 'A05'],
    ['Permissions Violation for Publish to "$JS.API.CONSUMER.MSG.NEXT.S.c"', 'A04'],
    ['nats: connection closed', 'K11'],
    ['heartbeats missed', 'K04'],
    ['Plaintext passwords detected, use nkeys or bcrypt', 'A09'],
    ['error parsing nats metadata: no account name or id given', 'A11'],
  ])('%s is told by its own rule first', (line, id) => {
    expect(explain(line)?.rules[0]?.id).toBe(id);
  });
});
