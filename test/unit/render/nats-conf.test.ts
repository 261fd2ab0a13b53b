import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NatsConfOptions, renderNatsConf } from '../../../src/render/nats-conf.ts';
import type { ConfPermissions } from '../../../src/render/nats-conf-access.ts';
import type { ConfCluster } from '../../../src/render/nats-conf-network.ts';
import {
  block,
  comment,
  duration,
  field,
  integer,
  list,
  map,
  printNatsConf,
  text,
} from '../../../src/render/nats-conf-syntax.ts';

const options = (over: Partial<NatsConfOptions> = {}): NatsConfOptions => ({
  serverName: 'devenv-orders-01234567',
  host: '127.0.0.1',
  port: 4222,
  monitorHost: '127.0.0.1',
  monitorPort: 8222,
  storeDir: '/state/nats',
  maxMemoryStore: 256 * 2 ** 20,
  maxFileStore: 10 * 2 ** 30,
  maxPayload: 2 ** 20,
  maxPending: 64 * 2 ** 20,
  maxConnections: 1000,
  syncInterval: 120_000,
  users: [{ user: 'devenv', password: 'pa"ss\\$#' }],
  ...over,
});

const NO_LIMITS = { maxMemory: -1, maxFile: -1, maxStreams: -1, maxConsumers: -1 };
const account = (name: string, user: string) => ({
  name,
  jetstream: null,
  users: [{ user, password: 'p' }],
});
const mayPublish = (...allow: string[]): ConfPermissions => ({
  publish: { allow, deny: [] },
  subscribe: { allow: ['_INBOX.>'], deny: [] },
  allowResponses: false,
});
const CLUSTER: ConfCluster = {
  name: 'shop',
  host: '127.0.0.1',
  port: 6222,
  routes: { user: 'route', password: 'a b/c' },
  peers: ['127.0.0.1:6223', '127.0.0.1:6224'],
  tags: ['az:1'],
};

/** The strings of a printed file as nats-server's lexer reads them (conf/lex.go: lexDubQuotedString). */
function readStrings(printed: string): string[] {
  const found: string[] = [];
  for (const line of printed.split('\n').filter((line) => !/^\s*#/.test(line)))
    for (const [, body] of line.matchAll(/"((?:\\.|[^"\\])*)"/g)) {
      const bytes = Buffer.concat(
        [...body!.matchAll(/\\x([0-9A-F]{2})|\\(.)|([^\\]+)/gsu)].map(([, hex, short, plain]) =>
          hex !== undefined
            ? Buffer.from(hex, 'hex')
            : Buffer.from(
                plain ?? { t: '\t', n: '\n', r: '\r', '"': '"', '\\': '\\' }[short!] ?? '<bad escape>',
              ),
        ),
      );
      found.push(bytes.toString('utf8'));
    }
  return found;
}

describe('renderNatsConf', () => {
  it('is formatted for people', () => {
    expect(renderNatsConf(options())).toMatchInlineSnapshot(`
      "# Written by devenv from devenv.yaml. It holds credentials: keep it readable for yourself only.

      server_name: "devenv-orders-01234567"

      # Where clients connect.
      host: "127.0.0.1"
      port: 4222

      # Monitoring (/varz, /jsz, /healthz). It asks for no password.
      http: "127.0.0.1:8222"

      # 1MiB: the largest message, headers included.
      max_payload: 1048576

      # 64MiB: what may wait for one client before it is cut off as too slow.
      max_pending: 67108864

      # How many clients may be connected at once.
      max_connections: 1000

      # Sizes are in bytes: 10G means 10,000,000,000 here and "10G" means 10,737,418,240.
      jetstream {
        # Streams are in its folder "jetstream".
        store_dir: "/state/nats"

        # 256MiB for memory streams. A stream reserves its max_bytes when it is created,
        # so the sum of all max_bytes must fit, however empty the streams are.
        max_memory_store: 268435456

        # 10GiB for file streams, reserved likewise.
        max_file_store: 10737418240

        # File streams are synced to disk every 2m: what a power cut may take.
        sync_interval: "120s"
      }

      # Who may connect, in the server's own account $G.
      authorization {
        users: [
          { user: "devenv", password: "pa\\"ss\\\\$#" }
        ]
      }
      "
    `);
  });

  it('leaves out what an older server does not know', () => {
    expect(renderNatsConf(options({ version: '2.9.10' }))).not.toContain('sync_interval');
    for (const version of ['2.10.0', 'v2.15.1', '2.15.1-alpine', '3.0.0', 'latest'])
      expect(renderNatsConf(options({ version }))).toContain('sync_interval: "120s"');
    expect(renderNatsConf(options({ syncInterval: 'always' }))).toContain('sync_interval: "always"');
    expect(renderNatsConf(options({ syncInterval: 1500 }))).toContain('sync_interval: "1500ms"');
  });

  it('writes files and addresses on request', () => {
    const printed = renderNatsConf(
      options({ monitorHost: '::1', pidFile: '/a b/p', portsFileDir: '/ports', logFile: '/l$og' }),
    );
    for (const line of [
      'http: "[::1]:8222"',
      'pid_file: "/a b/p"',
      'ports_file_dir: "/ports"',
      'log_file: "/l$og"',
    ])
      expect(printed).toContain(`\n${line}\n`);
  });

  it.each<[string, Partial<NatsConfOptions>, RegExp]>([
    ['payload above pending', { maxPayload: 65 * 2 ** 20 }, /max_payload \(65MiB\).*max_pending \(64MiB\)/],
    ['a payload that overflows', { maxPayload: 2 ** 31, maxPending: 2 ** 40 }, /max_payload/],
    ['no payload', { maxPayload: 0 }, /max_payload/],
    ['a fraction', { maxFileStore: 1.5 }, /max_file_store.*whole number.*1\.5/],
    ['NaN', { maxMemoryStore: Number.NaN }, /max_memory_store/],
    ['unlimited storage', { maxFileStore: -1 }, /max_file_store/],
    ['a port', { port: 65_536 }, /port/],
    ['a monitoring port', { monitorPort: 1.5 }, /monitoring port/],
    ['no sync', { syncInterval: 0 }, /sync_interval/],
    ['a name with a space', { serverName: 'a b' }, /server name/],
    ['no store', { storeDir: '' }, /store folder/],
    ['a path with NUL', { storeDir: '/a\0b' }, /store folder/],
    ['nobody', { users: [] }, /users/],
    [
      'a user twice',
      {
        users: [
          { user: 'a', password: 'x' },
          { user: 'a', password: 'y' },
        ],
      },
      /"a".*two/,
    ],
    ['no password', { users: [{ user: 'a', password: '' }] }, /"a".*empty/],
    ['too long to log in', { users: [{ user: 'a', password: 'é'.repeat(1600) }] }, /3000 bytes/],
    ['a user in two accounts', { users: [], accounts: [account('A', 'x'), account('B', 'x')] }, /"x".*two/],
    ['an account twice', { accounts: [account('A', 'x'), account('A', 'y')] }, /"A".*two/],
    ['an account that is a directive', { accounts: [account('include', 'x')] }, /"include"/],
    ['an account with a space', { accounts: [account('a b', 'x')] }, /"a b"/],
    ['a system account that is not there', { systemAccount: 'SYS' }, /"SYS".*no account/],
    [
      'half an account limit',
      { accounts: [{ ...account('A', 'x'), jetstream: { ...NO_LIMITS, maxFile: 0.5 } }] },
      /max_file.*"A"/,
    ],
    ['a key that is none', { users: [{ user: 'a', nkey: 'UABC' }] }, /key of the user "a"/],
    ...['', 'a..b', 'a b', 'a.>.b', 'a\tb', 'a\u200bb'].map(
      (pattern): [string, Partial<NatsConfOptions>, RegExp] => [
        `the subject ${JSON.stringify(pattern)}`,
        { users: [{ user: 'a', password: 'b', permissions: mayPublish(pattern) }] },
        /"a" publishes/,
      ],
    ),
    [
      'a route without a password',
      { cluster: { ...CLUSTER, routes: { user: 'r', password: '' } } },
      /routes/,
    ],
    ['a cluster without a name', { cluster: { ...CLUSTER, name: '' } }, /name of the cluster/],
    ['a route port of 0', { cluster: { ...CLUSTER, port: 0 } }, /port of the routes/],
    ['half a character', { users: [{ user: 'a', password: 'x\ud800y' }] }, /surrogate/],
  ])('refuses %s', (_name, over, message) => {
    expect(() => renderNatsConf(options(over))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('says who may do what, by account', () => {
    const printed = renderNatsConf(
      options({
        users: [],
        accounts: [
          {
            name: 'APP',
            jetstream: { ...NO_LIMITS, maxFile: 1024, maxStreams: 3 },
            users: [
              { user: 'devenv', password: 'p' },
              { user: 'api', password: 'p', permissions: mayPublish('messages.>', '$JS.API.INFO') },
              {
                user: 'responder',
                nkey: `U${'A'.repeat(55)}`,
                permissions: {
                  publish: { allow: [], deny: ['x'] },
                  subscribe: { allow: ['svc.*'], deny: ['svc.secret'] },
                  allowResponses: true,
                },
              },
            ],
          },
          { name: 'OPEN', jetstream: NO_LIMITS, users: [] },
          account('SYS', 'monitor'),
        ],
        systemAccount: 'SYS',
      }),
    );
    expect(printed.slice(printed.indexOf('# Each account'))).toMatchInlineSnapshot(`
      "# Each account sees its own subjects and its own streams only.
      accounts {
        APP {
          jetstream {
            max_file: 1024
            max_streams: 3
          }

          users: [
            { user: "devenv", password: "p" }
            {
              user: "api"
              password: "p"
              permissions: {
                publish: {
                  allow: [
                    "messages.>"
                    "$JS.API.INFO"
                  ]
                }
                subscribe: {
                  allow: [
                    "_INBOX.>"
                  ]
                }
              }
            }
            {
              nkey: "UAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
              permissions: {
                publish: {
                  deny: [
                    ">"
                  ]
                }
                subscribe: {
                  allow: [
                    "svc.*"
                  ]
                  deny: [
                    "svc.secret"
                  ]
                }
                allow_responses: { max: -1, expires: "120s" }
              }
            }
          ]
        }

        OPEN {
          # Within the limits of the server.
          jetstream: "enabled"
          # Nobody logs in to this account.
        }

        SYS {
          users: [
            { user: "monitor", password: "p" }
          ]
        }
      }

      # Reads the server itself.
      system_account: "SYS"
      "
    `);
  });

  it('makes one server of several, with TLS for clients and routes', () => {
    const printed = renderNatsConf(
      options({
        cluster: CLUSTER,
        tls: { ca: '/t/ca', cert: '/t/cert', key: '/t/key', verifyClients: true },
      }),
    );
    expect(printed).toContain('  unique_tag: "az:"\n');
    expect(
      printed.slice(printed.indexOf('# Clients connect by TLS'), printed.indexOf('# 1MiB')),
    ).toMatchInlineSnapshot(`
      "# Clients connect by TLS only.
      tls {
        ca_file: "/t/ca"
        cert_file: "/t/cert"
        key_file: "/t/key"
        timeout: 5
        verify: true
      }

      "
    `);
    expect(
      printed.slice(printed.indexOf('# Copies of'), printed.indexOf('# Who may')),
    ).toMatchInlineSnapshot(`
      "# Copies of a stream are placed by these.
      server_tags: [
        "az:1"
      ]

      # The other servers.
      cluster {
        name: "shop"
        host: "127.0.0.1"
        port: 6222

        # Clients are given every address already; what a server in a container knows of itself they could not reach.
        no_advertise: true

        authorization {
          user: "route"
          password: "a b/c"
        }

        routes: [
          "nats-route://route:a%20b%2Fc@127.0.0.1:6223"
          "nats-route://route:a%20b%2Fc@127.0.0.1:6224"
        ]

        tls {
          ca_file: "/t/ca"
          cert_file: "/t/cert"
          key_file: "/t/key"
          timeout: 5
          verify: true
        }
      }

      "
    `);
    expect(renderNatsConf(options())).not.toMatch(/unique_tag|cluster|tls/);
  });

  it('never shows a password in an error', () => {
    const users = [{ user: 'a', password: `hunter2${'x'.repeat(4000)}` }];
    expect(() => renderNatsConf(options({ users }))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describe('the printer', () => {
  it('reads back as what was written, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => {
        const printed = printNatsConf([field('a', text(value, 'x')), field('b', text('end', 'x'))]);
        expect(readStrings(printed)).toEqual([value, 'end']);
        expect(printed.split('\n')).toHaveLength(3);
        expect(printed.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps any comment on its line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => {
        const lines = printNatsConf([comment(`a${value}`, '\r\nport: 1')])
          .trimEnd()
          .split(/[\r\n\u2028\u2029\x85]/u);
        expect(lines).toHaveLength(2);
        for (const line of lines) expect(line).toMatch(/^#/);
      }),
    );
  });

  it('prints lists, maps and nested blocks', () => {
    const printed = printNatsConf([
      block('cluster', [
        field('name', text('c1', 'x')),
        field('routes', list([text('nats-route://a:6222', 'x')]), 'All of them; itself is fine.'),
        block('tls', [field('timeout', duration(2_000, 'x'))]),
      ]),
      field(
        'users',
        list([map([field('user', text('a', 'x')), field('n', integer(1, 'x', { min: 0, max: 2 }))])]),
      ),
      field('empty', list([])),
    ]);
    expect(printed).toMatchInlineSnapshot(`
      "cluster {
        name: "c1"

        # All of them; itself is fine.
        routes: [
          "nats-route://a:6222"
        ]

        tls {
          timeout: "2s"
        }
      }

      users: [
        { user: "a", n: 1 }
      ]
      empty: []
      "
    `);
  });

  it.each(['', 'a b', 'a:', '1a', 'include', 'INCLUDE', 'a{', '"a"', '$x'])('refuses the name %j', (name) => {
    expect(() => field(name, text('', 'x'))).toThrow('name');
    expect(() => block(name, [])).toThrow('name');
  });
});
