import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectNats } from '../../../src/adapters/nats.ts';
import type { TopologyDiff, TopologyMended } from '../../../src/engine/engine.ts';
import type { NatsAccess } from '../../../src/topology/deployment.ts';
import type { Consumer, Stream, Topology } from '../../../src/topology/model.ts';
import { topologyDesk } from '../../../src/world/topology-desk.ts';
import { natsServers, type RunningNats, startNats } from '../../helpers/nats-servers.ts';
import { consumer, someAccount, someTopology, stream } from '../../helpers/topology.ts';

const MIB = 1024 ** 2;
const signal = new AbortController().signal;
const ACCOUNTS = ['APP', 'AUDIT'];
const servers = await natsServers();

const small = (account: string, name: string, ...subjects: string[]): Stream => ({
  ...stream(name, ...subjects),
  account,
  maxBytes: 4 * MIB,
});
const worker = (parts: Partial<Consumer> = {}) => consumer('ORDERS', 'billing', { account: 'APP', ...parts });
const declare = (parts: Partial<Topology>): Topology =>
  someTopology({
    accounts: ACCOUNTS.map((name) => someAccount(name)),
    services: [],
    consumers: [],
    ...parts,
  });

const ORDERS = small('APP', 'ORDERS', 'orders.>');
/** Of another account, so the same subject is no overlap. */
const KEPT = small('AUDIT', 'KEPT', 'orders.>');
const DECLARED = declare({ streams: [ORDERS, KEPT], consumers: [worker()] });

describe.each(servers)('nats-server $version', (binary) => {
  const is29 = binary.version.startsWith('2.9.');
  let directory: string;
  let running: RunningNats;
  let access: Record<string, NatsAccess>;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'devenv-drift-'));
    const accounts = ACCOUNTS.map(
      (name) => `${name} { jetstream: enabled, users: [{ user: "${name}", password: "secret" }] }`,
    );
    await writeFile(
      join(directory, 'nats.conf'),
      `listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
jetstream { store_dir: "${directory}/data", max_memory_store: 32MiB, max_file_store: 32MiB }
accounts { ${accounts.join('\n')} }
`,
    );
    running = await startNats(binary, join(directory, 'nats.conf'), directory);
    access = Object.fromEntries(
      ACCOUNTS.map((name) => [
        name,
        {
          servers: [`127.0.0.1:${running.port}`],
          user: name,
          credential: { kind: 'password', password: 'secret' },
        },
      ]),
    );
  });
  afterEach(async () => {
    await running?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const compare = (topology: Topology) => topologyDesk.compare(access, topology, signal);
  async function mend(topology: Topology, differences?: TopologyDiff['accounts']) {
    const done: TopologyMended['done'][number][] = [];
    await topologyDesk.mend(
      access,
      topology,
      differences ?? (await compare(topology)),
      (one) => done.push(one),
      signal,
    );
    return done.map(({ account, object, action }) => `${account}: ${object} ${action}`);
  }
  const told = async (topology: Topology): Promise<string[]> =>
    (await compare(topology)).flatMap(({ account, changes }) =>
      changes
        .filter(({ kind }) => kind !== 'same')
        .map(({ kind, object, field, dangerous }) =>
          [`${account}:`, kind, object, field, dangerous ? '(dangerous)' : undefined]
            .filter(Boolean)
            .join(' '),
        ),
    );
  async function as<T>(
    account: string,
    work: (client: Awaited<ReturnType<typeof connectNats>>) => Promise<T>,
  ) {
    await using client = await connectNats(access[account]!, { signal, timeoutMs: 5_000 });
    return await work(client);
  }
  const publish = (account: string, ...subjects: string[]) =>
    as(account, async (client) => {
      for (const subject of subjects) await client.publish(subject, 'x');
    });

  it('says of an account that the servers have not been told of what is, and changes nothing', async (context) => {
    // Before 2.10 a server does not say whom it takes somebody for.
    if (is29) {
      const reason = 'nats-server 2.9 does not tell a user its account';
      process.stderr.write(`what a server has not been told of accounts is skipped: ${reason}\n`);
      return context.skip(reason);
    }
    await mend(DECLARED);
    await publish('APP', 'orders.new');
    // The user stays, its account is declared under another name.
    const renamed = { SHOP: access.APP!, AUDIT: access.AUDIT! };
    const topology = declare({
      accounts: ['SHOP', 'AUDIT'].map((name) => someAccount(name)),
      streams: [{ ...ORDERS, account: 'SHOP' }, KEPT],
      consumers: [{ ...worker(), account: 'SHOP' }],
    });
    const refused = {
      code: 'NOT_READY',
      message: 'The servers have not been told of the account SHOP yet: to them, APP belongs to APP.',
    };
    await expect(topologyDesk.compare(renamed, topology, signal)).rejects.toMatchObject(refused);
    await expect(topologyDesk.differences(renamed, topology, signal)).rejects.toMatchObject(refused);
    await expect(topologyDesk.apply(renamed, topology, signal)).rejects.toMatchObject(refused);
    expect(await told(DECLARED)).toEqual([]);
  });

  it('makes each account as declared, and then nothing differs', async () => {
    expect(await told(DECLARED)).toEqual([
      'APP: create stream ORDERS',
      'APP: create consumer ORDERS/billing',
      'AUDIT: create stream KEPT',
    ]);
    expect(await mend(DECLARED)).toEqual([
      'APP: stream ORDERS created',
      'APP: consumer ORDERS/billing created',
      'AUDIT: stream KEPT created',
    ]);
    expect(await told(DECLARED)).toEqual([]);
    expect(await mend(DECLARED)).toEqual([]);
  });

  it('changes every field that can be changed, and the server then holds just that', async () => {
    await mend(DECLARED);
    const changed = declare({
      streams: [
        {
          ...ORDERS,
          subjects: ['orders.>', 'returns.>'],
          maxBytes: 8 * MIB,
          maxAge: 3_600_000,
          maxMsgs: 1000,
          maxMsgSize: 1024,
          discard: 'new',
          duplicateWindow: 60_000,
        },
        KEPT,
      ],
      consumers: [
        worker({
          filterSubjects: ['orders.created'],
          maxDeliver: 9,
          backoff: [500, 1_000],
          maxAckPending: 7,
          inactiveThreshold: 3_600_000,
        }),
      ],
    });
    expect(await mend(changed)).toEqual([
      'APP: stream ORDERS updated',
      'APP: consumer ORDERS/billing updated',
    ]);
    expect(await told(changed)).toEqual([]);
  });

  it('names what the server cannot change with its cost, and makes it anew', async () => {
    await mend(DECLARED);
    await publish('APP', 'orders.1', 'orders.2');
    await as('APP', (client) => client.createConsumer(worker({ name: 'mine' })));
    const changed = declare({
      streams: [{ ...ORDERS, storage: 'memory' }, KEPT],
      consumers: [worker({ deliverPolicy: 'new' })],
    });
    const [app] = await compare(changed);
    expect(app?.changes.filter(({ kind }) => kind === 'immutable')).toMatchObject([
      {
        object: 'stream ORDERS',
        field: 'storage',
        rule: 'S15',
        cost: expect.stringMatching(/^2 messages \(.+\) and consumer mine \(not declared\)$/),
      },
      { object: 'consumer ORDERS/billing', field: 'deliver_policy', rule: 'S09' },
    ]);
    expect(await mend(changed)).toEqual([
      'APP: stream ORDERS recreated',
      'APP: consumer ORDERS/billing recreated',
    ]);
    expect(await told(changed)).toEqual([]);
    expect(await as('APP', (client) => client.getStream('ORDERS'))).toMatchObject({ messages: 0 });
  });

  it('makes the declared consumers of a stream again that is made anew, also those that did not differ', async () => {
    await mend(DECLARED);
    const changed = declare({ streams: [{ ...ORDERS, storage: 'memory' }, KEPT], consumers: [worker()] });
    expect(await mend(changed)).toContain('APP: consumer ORDERS/billing recreated');
    expect(await told(changed)).toEqual([]);
  });

  it('makes only the consumer anew where the stream stays, and keeps the messages', async () => {
    await mend(DECLARED);
    await publish('APP', 'orders.1');
    const changed = declare({ streams: [ORDERS, KEPT], consumers: [worker({ deliverPolicy: 'last' })] });
    expect(await mend(changed)).toEqual(['APP: consumer ORDERS/billing recreated']);
    expect(await as('APP', (client) => client.getStream('ORDERS'))).toMatchObject({ messages: 1 });
  });

  it('S03: dropping a subject succeeds in silence, the next message on it is refused, the old one stays', async () => {
    const wide = { ...ORDERS, subjects: ['orders.>', 'returns.>'] };
    await mend(declare({ streams: [wide, KEPT], consumers: [worker({ filterSubjects: ['returns.>'] })] }));
    await publish('APP', 'returns.1');
    const narrow = declare({
      streams: [ORDERS, KEPT],
      consumers: [worker({ filterSubjects: ['returns.>'] })],
    });
    expect(await told(narrow)).toEqual([
      'APP: update stream ORDERS subjects (dangerous)',
      'APP: orphaned consumer ORDERS/billing (dangerous)',
    ]);
    expect(await mend(narrow)).toEqual(['APP: stream ORDERS updated']);
    await expect(publish('APP', 'returns.2')).rejects.toThrow(/no stream captures/);
    expect(await as('APP', (client) => client.getStream('ORDERS'))).toMatchObject({ messages: 1 });
    expect(await told(narrow)).toEqual(['APP: orphaned consumer ORDERS/billing']);
  });

  it('moves a subject from one stream to another: who gives it up goes first', async () => {
    const wide = { ...ORDERS, subjects: ['orders.>', 'audit.>'] };
    await mend(declare({ streams: [wide] }));
    const log = small('APP', 'LOG', 'log.>');
    await mend(declare({ streams: [log, wide] }));
    const moved = declare({ streams: [{ ...log, subjects: ['log.>', 'audit.>'] }, ORDERS] });
    expect(await mend(moved)).toEqual(['APP: stream ORDERS updated', 'APP: stream LOG updated']);
    expect(await told(moved)).toEqual([]);
  });

  it('S15: retention is refused or accepted by the server just as it is told', async () => {
    await mend(declare({ streams: [ORDERS] }));
    await publish('APP', 'orders.1');
    for (const retention of ['interest', 'workqueue'] as const) {
      const changed = declare({ streams: [{ ...ORDERS, retention }] });
      const isFixed = is29 || retention === 'workqueue';
      expect(await told(changed)).toEqual([
        isFixed
          ? 'APP: immutable stream ORDERS retention'
          : 'APP: update stream ORDERS retention (dangerous)',
      ]);
      const update = as('APP', (client) => client.updateStream({ ...ORDERS, retention }));
      if (isFixed) await expect(update).rejects.toThrow(/can not change retention policy.*10052/s);
      else expect(await update).toMatchObject({ retention: 'interest' });
    }
  });

  it('leaves alone what nobody declares', async () => {
    await as('APP', (client) => client.createStream(small('APP', 'MINE', 'mine.>')));
    await mend(DECLARED);
    expect(await told(DECLARED)).toEqual(['APP: undeclared stream MINE']);
  });

  it('says that a stream was deleted when it could not be created again, and what comes next', async () => {
    await mend(DECLARED);
    const tooLarge = declare({ streams: [{ ...ORDERS, storage: 'memory', maxBytes: 64 * MIB }, KEPT] });
    await expect(mend(tooLarge)).rejects.toMatchObject({
      message: expect.stringContaining('stream ORDERS was deleted and could not be created again'),
      hint: expect.stringContaining('run the same again'),
    });
    expect(await mend(DECLARED)).toEqual([
      'APP: stream ORDERS created',
      'APP: consumer ORDERS/billing created',
    ]);
  });

  it('ends with the reason when it is interrupted, and the next time does the rest', async () => {
    const stop = new AbortController();
    const differences = await compare(DECLARED);
    const interrupted = topologyDesk.mend(
      access,
      DECLARED,
      differences,
      () => stop.abort(new Error('enough')),
      stop.signal,
    );
    await expect(interrupted).rejects.toThrow('enough');
    expect(await told(DECLARED)).toEqual([
      'APP: create consumer ORDERS/billing',
      'AUDIT: create stream KEPT',
    ]);
    await mend(DECLARED);
    expect(await told(DECLARED)).toEqual([]);
  });

  it('a server that is gone is a clear error', async () => {
    await running.stop();
    await expect(compare(DECLARED)).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringContaining('cannot connect to NATS'),
    });
  });
});
