import { expect, test } from 'vitest';
import { newUserKeys } from '../../../src/adapters/nkeys.ts';
import type { Topology, User } from '../../../src/topology/model.ts';
import { natsUsers } from '../../../src/topology/users.ts';
import { newTlsMaterial } from '../../../src/world/tls.ts';
import { natsServers } from '../../helpers/nats-servers.ts';
import {
  consumer,
  NO_ROLE,
  someAccount,
  someNats,
  someService,
  someTopology,
  stream,
} from '../../helpers/topology.ts';
import { GuardedServer, wrong } from './guarded-server.ts';

/** What somebody's hand can do to a server, and that the trials name just that. */
const MIB = 1024 ** 2;
const user = (name: string, parts: Partial<User>): User => ({
  ...NO_ROLE,
  name,
  account: 'APP',
  auth: 'password',
  ...parts,
});
const topology = someTopology({
  accounts: [
    someAccount('APP', {
      users: [
        user('clerk', { publishes: ['orders.>'] }),
        user('worker', { works: [{ stream: 'ORDERS', consumer: 'workers' }] }),
        user('answerer', { serves: ['users.lookup'] }),
        user('keyed', { auth: 'nkey', requests: ['users.lookup'] }),
        user('hashed', { auth: 'bcrypt', requests: ['users.lookup'] }),
      ],
    }),
    someAccount('BILLING'),
  ],
  streams: [{ ...stream('ORDERS', 'orders.>'), account: 'APP', maxBytes: 4 * MIB }],
  consumers: [consumer('ORDERS', 'workers', { account: 'APP' })],
  services: [someService('free', { account: 'BILLING' })],
});
const secure = (verifyClients: boolean): Topology => ({
  ...topology,
  nats: { ...someNats, tls: { verifyClients } },
});
const binary = (await natsServers()).at(-1)!;

/** Fails when there was nothing to change, so that no case can pass on a server that is as declared. */
const changed = (pattern: RegExp, replacement: string) => (conf: string) => {
  if (!pattern.test(conf)) throw new Error(`nothing to change: ${pattern}`);
  return conf.replace(pattern, replacement);
};

interface Breakage {
  edit: (conf: string) => string;
  /** A line for each that has to be there, and nothing of anybody else. */
  found: readonly RegExp[];
  of?: Topology;
}

const BREAKAGES: Record<string, Breakage> = {
  'more is allowed': {
    edit: changed(/("orders\.>")/, '$1, "$JS.API.STREAM.PURGE.*",'),
    found: [/^clerk publish \$JS\.API\.STREAM\.PURGE\.ORDERS: expected denied, seen allowed$/],
  },
  'less is allowed': {
    edit: changed(/"\$JS\.ACK\.ORDERS\.workers\.>"/, ''),
    found: [/^worker publish \$JS\.ACK\.ORDERS\.workers\.\w+: expected allowed, seen denied$/],
  },
  'nothing is denied any more': {
    edit: changed(/(user: "worker"\s+password: "[^"]+"\s+)permissions: \{[\s\S]*?\n {8}\}/, '$1'),
    found: [
      /^worker publish \$JS\.API\.STREAM\.DELETE\.ORDERS: expected denied, seen allowed$/,
      /^worker subscribe >: expected denied, seen allowed$/,
      /^worker /,
    ],
  },
  'another password': {
    edit: changed(/(user: "clerk"\s+password: )"[^"]+"/, '$1"another"'),
    found: [/^clerk log in 127\.0\.0\.1:\d+: expected allowed, seen denied$/, /^clerk .*seen unknown$/],
  },
  'another hash': {
    edit: changed(/(user: "hashed"\s+password: "\$2[aby]\$\d\d\$)[^"]{22}/, '$1......................'),
    found: [/^hashed log in 127\.0\.0\.1:\d+: expected allowed, seen denied$/, /^hashed .*seen unknown$/],
  },
  'the user is gone': {
    edit: changed(/\n {6}\{\n +user: "clerk"[\s\S]*?\n {6}\}/, ''),
    found: [/^clerk log in 127\.0\.0\.1:\d+: expected allowed, seen denied$/, /^clerk .*seen unknown$/],
  },
  'another key': {
    edit: changed(/nkey: "U[A-Z2-7]+"/, `nkey: "${newUserKeys().publicKey}"`),
    found: [/^keyed log in 127\.0\.0\.1:\d+: expected allowed, seen denied$/, /^keyed .*seen unknown$/],
  },
  'the system account is an account like any other': {
    edit: changed(/system_account: "SYS"/, ''),
    found: [/^monitor ask \$SYS\.REQ\.SERVER\.PING: expected allowed, seen unknown$/],
  },
  'an account without JetStream': {
    edit: changed(/(BILLING \{[\s\S]*?)jetstream: "enabled"/, '$1'),
    found: [/^devenv-BILLING ask \$JS\.API\.INFO: expected allowed, seen unknown$/],
  },
  'no answers': {
    edit: changed(/allow_responses: .*/, ''),
    found: [/^answerer answer devenv-auth\.\w+: expected allowed, seen denied$/],
  },
  'one answer only': {
    edit: changed(/allow_responses: .*/, 'allow_responses: true'),
    found: [/^answerer answer devenv-auth\.\w+: expected allowed, seen denied$/],
  },
  'answers for everybody': {
    edit: changed(
      /(user: "worker"\s+password: "[^"]+"\s+permissions: \{)/,
      '$1\n allow_responses: { max: -1, expires: "1m" }',
    ),
    found: [/^worker answer devenv-auth\.\w+: expected denied, seen allowed$/],
  },
  'whoever has no credentials is somebody': {
    edit: changed(/system_account:/, 'no_auth_user: "clerk"\nsystem_account:'),
    found: [/^devenv log in 127\.0\.0\.1:\d+ with no credentials: expected denied, seen allowed$/],
  },
  'accounts that hear each other': {
    edit: (conf) =>
      changed(
        /(BILLING \{)/,
        '$1\n imports: [{ stream: { account: APP, subject: ">" } }]\n',
      )(changed(/(APP \{)/, '$1\n exports: [{ stream: ">" }]\n')(conf)),
    found: [/^devenv reach devenv-auth\.\w+\.APP: expected denied, seen allowed$/],
  },
  'clients without TLS are let in': {
    of: secure(false),
    edit: (conf) => `allow_non_tls: true\n${conf}`,
    found: [/^devenv log in 127\.0\.0\.1:\d+ with no TLS: expected denied, seen allowed$/],
  },
  'clients without a certificate are let in': {
    of: secure(true),
    edit: changed(/verify: true/, ''),
    found: [/^devenv log in 127\.0\.0\.1:\d+ with no certificate: expected denied, seen allowed$/],
  },
};

test.each(Object.entries(BREAKAGES))('%s', async (_name, { edit, found, of = topology }) => {
  await using server = await GuardedServer.start(binary, of, edit);
  const lines = wrong(await server.trials());
  for (const pattern of found) expect(lines).toContainEqual(expect.stringMatching(pattern));
  expect(lines.filter((line) => !found.some((pattern) => pattern.test(line)))).toEqual([]);
});

/** The client of each user refuses the server: nothing is known of what the server would do. */
const unknownToAll = (lines: readonly string[]) => {
  const logins = lines.filter((line) => / log in 127\.0\.0\.1:\d+: /.test(line));
  expect(logins).toHaveLength(natsUsers(topology).length);
  for (const line of lines) expect(line).toMatch(/seen unknown$/);
};

test('a certificate of another authority', async () => {
  await using server = await GuardedServer.start(binary, secure(false));
  const { deployment } = server;
  const tls = await newTlsMaterial(['nats']);
  const trials = await server.trials({ ...deployment, secrets: { ...deployment.secrets, tls } });
  unknownToAll(wrong(trials));
  expect(trials[0]?.detail).toMatch(/unable to verify the first certificate/);
});

test('a certificate that has run out', async () => {
  const sixYears = 6 * 365 * 24 * 60 * 60 * 1000;
  const tls = await newTlsMaterial(['nats'], Date.now() - sixYears);
  const of = { ...secure(false), streams: [], consumers: [] };
  await using server = await GuardedServer.start(binary, of, undefined, async (secrets) => ({
    ...secrets,
    tls,
  }));
  const trials = await server.trials();
  unknownToAll(wrong(trials));
  expect(trials[0]?.detail).toMatch(/certificate has expired/);
});
