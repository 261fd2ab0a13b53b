import { describe, expect, it } from 'vitest';
import { checkConf, confVerdict } from '../../../../src/doctor/nats-conf/check.ts';
import { readConf } from './reading.ts';

/** `line:column code message` of every fault, as the newest server has it. */
const faults = (text: string, version = '2.15.1'): string[] =>
  checkConf(readConf(text, { version }), version).map(
    ({ span, code, message }) => `${span.line}:${span.column} ${code} ${message}`,
  );

describe('fields', () => {
  it('are known by name, in any case, in the blocks that have them', () => {
    expect(faults('PORT: 4222\nhttp_port: 8222\njetstream { Max_Mem: 1GiB, store_dir: x }\n')).toEqual([]);
    expect(faults('jetstream {\n  max_memory: 1GiB\n}\nprt: 1\n')).toEqual([
      '2:3 unknown-field unknown field "max_memory"',
      '4:1 unknown-field unknown field "prt"',
    ]);
    expect(faults('accounts { A { jetstream { max_memory: 1GiB } } }')).toEqual([]);
  });

  it('come with a version, and say so', () => {
    const text = 'jetstream { sync_interval: always }';
    expect(faults(text, '2.10.0')).toEqual([]);
    const [fault] = checkConf(readConf(text), '2.9.10');
    expect(fault).toMatchObject({ code: 'unknown-field', since: '2.10.0', subject: 'sync_interval' });
  });

  it('may come to older series later', () => {
    const text = 'jetstream { meta_compact: 10 }';
    for (const version of ['2.11.11', '2.11.17', '2.12.2', '2.15.1'])
      expect(faults(text, version)).toEqual([]);
    for (const version of ['2.10.29', '2.11.10', '2.12.1']) expect(faults(text, version)).toHaveLength(1);
  });

  it('are excused when a variable of theirs is used', () => {
    expect(faults('P: 4222\nport: $P\n')).toEqual([]);
    expect(faults('P: 4222\nport: 4222\n')).toEqual(['1:1 unknown-field unknown field "P"']);
  });

  it('count once when they are said twice', () => {
    expect(faults('port: "x"\nport: 4222\n')).toEqual([]);
  });
});

describe('values', () => {
  it.each([
    ['port: "4222"', '1:1 type interface conversion: interface {} is string, not int64'],
    [
      'authorization { user: a, password: 123 }',
      '1:26 type interface conversion: interface {} is int64, not string',
    ],
    ['max_payload: 3GB', '1:1 range max_payload value is too big'],
    [
      'jetstream { max_mem: "1GB" }',
      '1:13 size max_mem_store strconv.ParseInt: parsing "1G": invalid syntax',
    ],
    [
      'jetstream { max_mem: "1024" }',
      '1:13 size max_mem_store sizes defined as strings must end in K, M, G, T',
    ],
    ['listen: "host"', '1:1 address could not parse address string "host"'],
    ['listen: "host:x"', '1:1 address could not parse port "x"'],
    [
      'write_deadline: "2x"',
      '1:1 duration error parsing write_deadline: time: unknown unit "x" in duration "2x"',
    ],
    ['lame_duck_duration: "10s"', '1:1 range invalid lame_duck_duration of 10s, minimum is 30 seconds'],
    ['store_dir: a\njetstream { store_dir: b }', "2:13 duplicate Duplicate 'store_dir' configuration"],
    ['cluster { routes: ["nats://[::1"] }', '1:20 url error parsing route url ["nats://[::1"]'],
    ['jetstream: maybe', "1:1 choice Expected 'enabled' or 'disabled' for string value, got 'maybe'"],
    ['tls { cert_file: a.pem }', "1:1 missing missing 'key_file' in TLS configuration"],
    ['server_name: "a b"', '1:1 name server name cannot contain spaces'],
    ['trusted: x', '1:10 key trust key "x" required to be a valid public operator nkey'],
  ])('%j', (text, fault) => {
    expect(faults(text)).toEqual([fault]);
  });

  it('of old kinds are taken by the server and not by -t', () => {
    const document = readConf('ping_interval: 20\n');
    expect(checkConf(document, '2.15.1')).toMatchObject([{ severity: 'warning', code: 'deprecated' }]);
    expect(confVerdict(document, '2.15.1')).toMatchObject({ ok: false, stopsServer: false });
  });
});

describe('users', () => {
  it.each([
    ['authorization { user: a, password: b, token: c }', 'Cannot have a user/pass and token'],
    ['authorization { user: a, users: [{ user: b }] }', 'Can not have a single user/pass and a users array'],
    [
      'authorization { token: t }\naccounts { A { users: [{ user: b }] } }',
      'Can not have a token and accounts',
    ],
    ['accounts { A { users: [{ user: b }] }, B { users: [{ user: b }] } }', 'Duplicate user "b" detected'],
    ['authorization { users: [{ password: x }] }', 'User entry requires a user'],
    ['authorization { users: [{ nkey: UABC }] }', 'Not a valid public nkey for a user'],
    [
      'authorization { users: [{ user: a, permissions { publish: "a..b" } }] }',
      'subject "a..b" is not a valid subject',
    ],
    [
      'authorization { users: [{ user: a, permissions { sub: ["a b c"] } }] }',
      'subject "a b c" is not a valid subject',
    ],
    [
      'authorization { users: [{ user: a, permissions { pub: "foo q" } }] }',
      'subject "foo q" is not a valid subject',
    ],
  ])('%j', (text, message) => {
    const [fault, ...others] = checkConf(readConf(text), '2.15.1');
    expect(others).toEqual([]);
    expect(fault!.message).toBe(message);
  });

  it('may name a queue to subscribe to', () => {
    expect(faults('authorization { users: [{ user: a, permissions { subscribe: "foo.* q1" } }] }')).toEqual(
      [],
    );
  });

  it('are told with both places when they are the same', () => {
    const text = 'accounts {\n A { users: [{ user: b }] }\n B { users: [{ user: b }] }\n}';
    expect(checkConf(readConf(text), '2.15.1')).toMatchObject([
      { at: { line: 3, column: 22 }, other: { line: 2, column: 22 }, subject: 'b' },
    ]);
  });
});

describe('what accounts share', () => {
  const shares = (imports: string): string[] =>
    faults(
      `accounts {\n A { exports: [{ service: "svc.*" }, { stream: "pub.>", accounts: [B] }] }\n B {}\n C { imports: [${imports}] }\n}`,
    );
  it.each([
    ['{ service: { account: A, subject: svc.x } }', []],
    [
      '{ service: { account: A, subject: other } }',
      ['service import "other": service import not authorized'],
    ],
    ['{ stream: { account: A, subject: pub.x } }', ['stream import "pub.x": stream import not authorized']],
    ['{ stream: { account: D, subject: pub.x } }', ['"D" account not defined for stream import']],
  ])('%j', (imports, messages) => {
    const found = shares(imports);
    expect(found).toHaveLength(messages.length);
    for (const [index, message] of messages.entries()) expect(found[index]).toContain(message);
  });
});

describe('the verdict', () => {
  it('is yes for what is right', () => {
    expect(confVerdict(readConf('port: 4222\n'), '2.15.1')).toEqual({ ok: true });
  });

  it('has what cannot be read before what is set wrong', () => {
    expect(confVerdict(readConf('prt: 1\nhost: $GONE\n'), '2.15.1')).toMatchObject({
      ok: false,
      first: {
        message: "variable reference for 'GONE' on line 2 can not be found",
        span: { line: 2, column: 7 },
      },
    });
  });

  it('has an error before a warning', () => {
    expect(confVerdict(readConf('ping_interval: 20\nprt: 1\n'), '2.15.1')).toMatchObject({
      first: { message: 'unknown field "prt"' },
      stopsServer: true,
    });
  });
});
