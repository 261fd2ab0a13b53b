import { describe, expect, it } from 'vitest';
import { type ConfConsequence, confChange } from '../../../../src/doctor/nats-conf/conf-change.ts';

const BASE = `# devenv
server_name: "shop-1"
port: 4222
max_payload: 1048576
max_pending: 67108864
jetstream {
  store_dir: "/data"
  max_file_store: 1000
}
cluster { name: "shop", port: 6222, authorization { user: "route", password: "p" } }
authorization { users: [ { user: "devenv", password: "secret" } ] }
accounts {
  APP {
    jetstream { max_file: 500 }
    users: [ { user: "api", password: "secret", permissions: { publish: { allow: ["a.>"] } } } ]
  }
  SYS { users: [ { user: "monitor", password: "secret" } ] }
}
system_account: "SYS"
`;

const CHANGES: readonly [what: string, from: string, to: string, ConfConsequence, settings: string[]][] = [
  ['nothing but layout', '# devenv\n', '\n# other\n\n', 'nothing', []],
  [
    'the order of two settings',
    'port: 4222\nmax_payload: 1048576',
    'MAX_PAYLOAD: 1048576\nport: 4222',
    'nothing',
    [],
  ],
  ['a password', '"api", password: "secret"', '"api", password: "new"', 'reload', ['accounts.APP.users']],
  ['a permission', '"a.>"', '"b.>"', 'reload', ['accounts.APP.users']],
  [
    'a password without account',
    '"devenv", password: "secret"',
    '"devenv", password: "new"',
    'reload',
    ['authorization'],
  ],
  ['a limit of an account', 'max_file: 500', 'max_file: 600', 'reload', ['accounts.APP.jetstream']],
  ['the largest message', 'max_payload: 1048576', 'max_payload: 5', 'reload', ['max_payload']],
  ['what may wait', 'max_pending: 67108864', 'max_pending: 5', 'rolling', ['max_pending']],
  ['a store', 'max_file_store: 1000', 'max_file_store: 2000', 'rolling', ['jetstream.max_file_store']],
  [
    'an account',
    'SYS { users',
    'NEW { users: [ { user: "n", password: "p" } ] }\n  SYS { users',
    'rolling',
    ['accounts.NEW'],
  ],
  ['an account in other letters', '  APP {', '  app {', 'rolling', ['accounts.APP', 'accounts.app']],
  ['JetStream of an account', 'jetstream { max_file: 500 }', '', 'rolling', ['accounts.APP.jetstream']],
  ['the folder of the store', '"/data"', '"/other"', 'together', ['jetstream.store_dir']],
  ['the system account', 'system_account: "SYS"', 'system_account: "APP"', 'together', ['system_account']],
  ['the name', '"shop-1"', '"shop-9"', 'together', ['server_name']],
  [
    'what the servers show each other',
    '"route", password: "p"',
    '"route", password: "q"',
    'together',
    ['cluster'],
  ],
  ['a setting that nobody knows', 'port: 4222', 'port: 4222\nmystery: 1', 'together', ['mystery']],
];

describe('confChange', () => {
  it.each(CHANGES)('%s', (_, from, to, consequence, settings) => {
    const other = BASE.replace(from, to);
    expect(other).not.toBe(BASE);
    expect(confChange(BASE, other)).toEqual({ consequence, settings });
    expect(confChange(other, BASE).consequence).toBe(consequence);
  });

  it('the worst of several counts, and all are named', () => {
    const other = BASE.replace('max_payload: 1048576', 'max_payload: 5').replace('67108864', '5');
    expect(confChange(BASE, other)).toEqual({
      consequence: 'rolling',
      settings: ['max_payload', 'max_pending'],
    });
  });

  it('tells no value: those are secrets', () => {
    const other = BASE.replaceAll('secret', 'hidden');
    expect(JSON.stringify(confChange(BASE, other))).not.toMatch(/hidden|secret/);
  });

  it.each(['', 'accounts {', '\u0000\u0001', 'include "other.conf"'])(
    'from %j, which tells nothing, takes a restart',
    (text) => {
      expect(['rolling', 'together']).toContain(confChange(text, BASE).consequence);
    },
  );
});
