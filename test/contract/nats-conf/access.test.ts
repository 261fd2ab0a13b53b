import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import {
  type ConnectionOptions,
  connect,
  type NatsConnection,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NatsConfOptions, renderNatsConf } from '../../../src/render/nats-conf.ts';
import type { ConfAccount, ConfPermissions } from '../../../src/render/nats-conf-access.ts';
import { newTlsMaterial } from '../../../src/world/tls.ts';
import {
  type NatsServerBinary,
  natsServers,
  type RunningNats,
  startNats,
} from '../../helpers/nats-servers.ts';

const servers = await natsServers();
let directory: string;
const open: { close(): Promise<void> }[] = [];
let running: RunningNats | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devenv-access-'));
});
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
  await running?.stop();
  running = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function start(server: NatsServerBinary, over: Partial<NatsConfOptions>): Promise<void> {
  await running?.stop();
  const path = join(directory, 'nats.conf');
  const text = renderNatsConf({
    version: server.version,
    serverName: 'access',
    host: '127.0.0.1',
    port: -1,
    monitorHost: '127.0.0.1',
    monitorPort: -1,
    storeDir: join(directory, 'store'),
    maxMemoryStore: 2 ** 20,
    maxFileStore: 2 ** 24,
    maxPayload: 2 ** 20,
    maxPending: 64 * 2 ** 20,
    maxConnections: 1_000,
    syncInterval: 120_000,
    users: [],
    ...over,
  });
  await writeFile(path, text, { mode: 0o600 });
  running = await startNats(server, path, directory);
}

async function as(user: string, over: ConnectionOptions = {}): Promise<NatsConnection> {
  const connection = await connect({
    servers: `127.0.0.1:${running?.port}`,
    user,
    pass: `${user}-pw`,
    reconnect: false,
    timeout: 5_000,
    ...over,
  });
  open.push(connection);
  return connection;
}

const user = (name: string, permissions: ConfPermissions | null = null) => ({
  user: name,
  password: `${name}-pw`,
  permissions,
});
const may = (parts: {
  publish?: string[];
  subscribe?: string[];
  answer?: boolean;
  not?: string[];
}): ConfPermissions => ({
  publish: { allow: parts.publish ?? [], deny: parts.not ?? [] },
  subscribe: { allow: parts.subscribe ?? [], deny: [] },
  allowResponses: parts.answer ?? false,
});
const NO_LIMITS = { maxMemory: -1, maxFile: -1, maxStreams: -1, maxConsumers: -1 };
const SYSTEM: ConfAccount = { name: 'SYS', jetstream: null, users: [user('monitor')] };

/** Whether the server lets a message through: what another user of the account receives. */
async function gets(from: NatsConnection, to: NatsConnection, subject: string): Promise<boolean> {
  const subscription = to.subscribe(subject, { max: 1 });
  await to.flush();
  const received = (async () => {
    try {
      for await (const _ of subscription) return true;
    } catch {
      // The subscription itself was refused.
    }
    return false;
  })();
  from.publish(subject, 'x');
  // The answer to the PING comes after the refusal or the delivery to this server's other clients.
  await from.flush();
  await to.flush();
  subscription.unsubscribe();
  return received;
}

describe.each(servers.map((server) => [server.version, server] as const))(
  'nats-server %s',
  (_version, server) => {
    it('must keep the streams of $G, and JetStream in it, when a system account and users come', async () => {
      await start(server, { users: [user('devenv')] });
      const before = await as('devenv');
      await (await jetstreamManager(before)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
      await jetstream(before).publish('kept.a', 'from before');
      await start(server, {
        users: [user('devenv'), user('api', may({ publish: ['kept.>'], subscribe: ['_INBOX.>'] }))],
        accounts: [SYSTEM],
        systemAccount: 'SYS',
      });
      const manager = await jetstreamManager(await as('devenv'));
      expect((await manager.streams.getMessage('KEPT', { seq: 1 }))?.string()).toBe('from before');
      expect((await jetstream(await as('api')).publish('kept.b', 'x')).seq).toBe(2);
      expect((await fetch(`${running?.monitorUrl}/healthz`)).status).toBe(200);
      const monitor = await as('monitor');
      const answer = await monitor.request('$SYS.REQ.SERVER.PING.JSZ', '', { timeout: 20_000 });
      expect(answer.json()).toMatchObject({ data: { streams: 1 } });
    });

    it('must keep accounts apart, each with the JetStream that it is given', async () => {
      await start(server, {
        accounts: [
          {
            name: 'APP',
            jetstream: { ...NO_LIMITS, maxFile: 2 ** 20, maxStreams: 1, maxConsumers: 4 },
            users: [user('app')],
          },
          { name: 'Open_1-x', jetstream: NO_LIMITS, users: [user('open')] },
          { name: 'CORE', jetstream: null, users: [user('core')] },
          SYSTEM,
        ],
        systemAccount: 'SYS',
      });
      const [app, other, core] = [await as('app'), await as('open'), await as('core')];
      const manager = await jetstreamManager(app);
      const { limits } = await manager.getAccountInfo();
      expect(limits).toMatchObject({
        max_storage: 2 ** 20,
        max_memory: -1,
        max_streams: 1,
        max_consumers: 4,
      });
      expect((await (await jetstreamManager(other)).getAccountInfo()).limits).toMatchObject({
        max_storage: -1,
        max_memory: -1,
        max_streams: -1,
        max_consumers: -1,
      });
      await expect(jetstreamManager(core)).rejects.toThrow();
      await manager.streams.add({ name: 'ONE', subjects: ['s'] });
      await expect(manager.streams.add({ name: 'TWO', subjects: ['t'] })).rejects.toThrow(
        /maximum number of streams/,
      );
      expect(await gets(app, other, 'private')).toBe(false);
      expect(await gets(app, app, 'private')).toBe(true);
    });

    it('must allow what is named, and nothing else', async () => {
      await start(server, {
        users: [
          user('all'),
          user('nothing', may({})),
          user('some', may({ publish: ['a.*', 'b.>'], not: ['a.secret'], subscribe: ['c.>'] })),
          user('answers', may({ subscribe: ['svc.>'], answer: true })),
        ],
      });
      const [all, nothing, some, answers] = [
        await as('all'),
        await as('nothing'),
        await as('some'),
        await as('answers'),
      ];
      const seen = async (from: NatsConnection, ...subjects: string[]) => {
        const through: string[] = [];
        for (const subject of subjects) if (await gets(from, all, subject)) through.push(subject);
        return through;
      };
      expect(await seen(nothing, 'a.x', 'anything')).toEqual([]);
      expect(await seen(some, 'a.x', 'a.x.y', 'a.secret', 'b.x.y', 'c.x')).toEqual(['a.x', 'b.x.y']);
      expect(await gets(all, some, 'c.x')).toBe(true);
      expect(await gets(all, some, 'd.x')).toBe(false);
      answers.subscribe('svc.ping', { callback: (_error, message) => void message.respond('pong') });
      await answers.flush();
      expect((await all.request('svc.ping', '', { timeout: 20_000 })).string()).toBe('pong');
      expect(await seen(answers, 'svc.other', 'a.x')).toEqual([]);
    });

    it('must take hostile subjects as they are', async () => {
      const subjects = [
        'a"b',
        'a\\b',
        '$HOME',
        '{x}',
        'a#b',
        'a,b;c',
        "it's",
        '密码.ü',
        '[1]',
        '(',
        'x'.repeat(300),
        'true',
        '12',
        'a*b',
      ];
      await start(server, { users: [user('all'), user('some', may({ publish: subjects }))] });
      const [all, some] = [await as('all'), await as('some')];
      for (const subject of subjects) {
        expect(await gets(some, all, subject), subject).toBe(true);
        expect(await gets(some, all, `${subject}x`), `${subject}x`).toBe(false);
      }
    });

    it('must let in by key, whatever the user is called', async () => {
      const pairs = [createUser(), createUser()];
      const [first, second] = pairs.map((pair) => nkeyAuthenticator(pair.getSeed()));
      await start(server, {
        accounts: [
          { name: 'A', jetstream: NO_LIMITS, users: [{ user: 'same', nkey: pairs[0]!.getPublicKey() }] },
          {
            name: 'B',
            jetstream: null,
            users: [
              { user: 'same', nkey: pairs[1]!.getPublicKey(), permissions: may({ publish: ['b'] }) },
              user('b'),
            ],
          },
        ],
      });
      const byKey = (authenticator: ConnectionOptions['authenticator']) =>
        connect({ servers: `127.0.0.1:${running?.port}`, authenticator: authenticator!, reconnect: false });
      const a = await byKey(first);
      const b = await byKey(second);
      open.push(a, b);
      expect((await (await jetstreamManager(a)).getAccountInfo()).streams).toBe(0);
      expect(await gets(b, await as('b'), 'b')).toBe(true);
      await expect(byKey(nkeyAuthenticator(createUser().getSeed()))).rejects.toThrow(/authorization/i);
    });

    it('must speak TLS only, and ask for a certificate when it is told to', async () => {
      const material = await newTlsMaterial(['nats']);
      const file = async (name: string, text: string) => {
        const path = join(directory, name);
        await writeFile(path, text, { mode: 0o600 });
        return path;
      };
      const paths = {
        ca: await file('ca "1".pem', material.ca),
        cert: await file('cert.pem', material.server.cert),
        key: await file('key.pem', material.server.key),
      };
      await start(server, { users: [user('u')], tls: { ...paths, verifyClients: false } });
      const { ca, client } = material;
      expect((await as('u', { tls: { ca } })).isClosed()).toBe(false);
      await expect(as('u', { tls: { ca: (await newTlsMaterial(['nats'])).ca } })).rejects.toThrow();
      await start(server, { users: [user('u')], tls: { ...paths, verifyClients: true } });
      await expect(as('u', { tls: { ca } })).rejects.toThrow();
      expect((await as('u', { tls: { ca, ...client } })).isClosed()).toBe(false);
    });
  },
);

it('must have had a server to ask', (context) => {
  if (servers.length === 0) context.skip('no nats-server is at hand; the reasons are printed above');
});
