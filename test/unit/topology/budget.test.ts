import { describe, expect, it } from 'vitest';
import { planBudget, type Spending } from '../../../src/topology/budget.ts';
import { renderBudgetTable } from '../../../src/topology/budget-table.ts';
import type { Nats, Stream, StreamFamily } from '../../../src/topology/model.ts';
import { someAccount, someNats, someService, stream as someStream } from '../../helpers/topology.ts';

const GiB = 2 ** 30;

const nats = (maxFileStore: number, maxMemoryStore = GiB): Nats => ({
  ...someNats,
  maxMemoryStore,
  maxFileStore,
});

const stream = (name: string, maxBytes: number, over: Partial<Stream> = {}): Stream => ({
  ...someStream(name, `${name}.>`),
  maxBytes,
  ...over,
});

const family = (
  name: string,
  maxBytes: number,
  atMost: number,
  over: Partial<Stream> = {},
): StreamFamily => ({
  name,
  placeholder: 'channel',
  members: ['general'],
  atMost,
  pattern: stream(name, maxBytes, over),
});

/** `nats-2 file 1073741824`: what is reserved where. */
const reserved = (topology: Spending) =>
  planBudget(topology).totals.map(
    ({ of, storage, reserved }) =>
      `${of.kind === 'server' ? of.server : of.account} ${storage} ${reserved / GiB}`,
  );

describe('planBudget', () => {
  it('adds up each storage against its own store', () => {
    const budget = planBudget({
      nats: nats(3 * GiB, GiB),
      streams: [stream('A', GiB), stream('B', GiB), stream('C', 2 * GiB, { storage: 'memory' })],
    });
    expect(budget.totals).toEqual([
      {
        of: { kind: 'server', server: 'nats' },
        ...{ storage: 'file', reserved: 2 * GiB, limit: 3 * GiB, slack: GiB, over: false, unlimited: 0 },
      },
      {
        of: { kind: 'server', server: 'nats' },
        ...{ storage: 'memory', reserved: 2 * GiB, limit: GiB, slack: -GiB, over: true, unlimited: 0 },
      },
    ]);
    expect(budget.ok).toBe(false);
  });

  it('lets a sum fit to the byte, and not one byte more', () => {
    expect(planBudget({ nats: nats(2 * GiB), streams: [stream('A', GiB), stream('B', GiB)] }).ok).toBe(true);
    expect(planBudget({ nats: nats(2 * GiB - 1), streams: [stream('A', GiB), stream('B', GiB)] }).ok).toBe(
      false,
    );
  });

  it('refuses ten GiB in a store of ten G', () => {
    expect(planBudget({ nats: nats(10_000_000_000), streams: [stream('A', 10 * GiB)] }).ok).toBe(false);
  });

  it('counts streams without a limit, which reserve nothing', () => {
    const { totals, rows, ok } = planBudget({
      nats: nats(GiB),
      streams: [stream('A', -1), stream('B', GiB - 1)],
    });
    expect(ok).toBe(true);
    expect(totals[0]).toMatchObject({ reserved: GiB - 1, slack: 1, unlimited: 1 });
    expect(rows[0]).toEqual({
      ...{ stream: 'A', account: '$G', storage: 'file', bytes: -1, count: 1, replicas: 1 },
    });
  });

  it('refuses a stream without a limit where nothing is left for it', () => {
    const full = { nats: nats(GiB), streams: [stream('A', -1), stream('B', GiB)] };
    expect(planBudget(full).ok).toBe(false);
    expect(renderBudgetTable(planBudget(full)).at(-1)).toMatch(/^left for 1 unlimited stream +file +0B$/);
    expect(planBudget({ nats: nats(0), streams: [stream('A', -1)] }).ok).toBe(false);
  });

  it('has nothing against no streams', () => {
    const budget = planBudget({ nats: nats(0, 0), streams: [] });
    expect(budget.ok).toBe(true);
    expect(renderBudgetTable(budget)).toHaveLength(3);
  });
});

describe('planBudget, families', () => {
  it('multiplies by how many there may be, not by how many there are', () => {
    const topology = { nats: nats(GiB), families: [family('chat_{channel}_post', GiB / 8, 9)] };
    const members = [stream('chat_general_post', GiB / 8, { family: 'chat_{channel}_post' })];
    expect(planBudget({ ...topology, streams: members }).ok).toBe(false);
    expect(reserved({ ...topology, streams: members })[0]).toBe('nats file 1.125');
  });

  it('does not count a member twice that a service creates', () => {
    const creating = (name: string) =>
      someService('chat', { creates: { streams: [{ name, maxBytes: GiB }], consumers: [] } });
    const topology = { nats: nats(8 * GiB), streams: [], families: [family('chat_{channel}_post', GiB, 2)] };
    expect(reserved({ ...topology, services: [creating('chat_random_post')] })[0]).toBe('nats file 2');
    expect(reserved({ ...topology, services: [creating('chat_random_pre')] })[0]).toBe('nats file 3');
  });

  it('is not slow with as many members as anybody can write', () => {
    const many = family('chat_{channel}_post', GiB, Number.MAX_SAFE_INTEGER);
    const budget = planBudget({ nats: { ...nats(GiB), servers: 3 }, streams: [], families: [many] });
    expect(budget.ok).toBe(false);
    expect(renderBudgetTable(budget).join('\n')).toContain('× 9007199254740991');
  });
});

describe('planBudget, what services create', () => {
  const creating = (name: string, maxBytes?: number) =>
    someService(`${name}-maker`, {
      creates: { streams: [{ name, ...(maxBytes !== undefined && { maxBytes }) }], consumers: [] },
    });

  it('counts what devenv does not declare, once for all that create it, at its largest', () => {
    const services = [creating('X', GiB), creating('X', 2 * GiB), creating('Y')];
    const budget = planBudget({ nats: nats(GiB), streams: [], services });
    expect(budget.rows).toMatchObject([{ stream: 'X', bytes: 2 * GiB, service: 'X-maker' }]);
    expect(budget.ok).toBe(false);
  });

  it('leaves a declared stream as it is declared', () => {
    const topology = { nats: nats(GiB), streams: [stream('X', GiB)], services: [creating('X', 2 * GiB)] };
    expect(planBudget(topology).ok).toBe(true);
  });
});

describe('planBudget, three servers', () => {
  const three = { ...nats(10 * GiB), servers: 3 };

  it('reserves three copies on three servers, and single ones where most is left', () => {
    const streams = [
      stream('R3', 4 * GiB, { replicas: 3 }),
      stream('A', 5 * GiB),
      stream('B', 3 * GiB),
      stream('C', 2 * GiB),
      stream('D', GiB),
    ];
    expect(reserved({ nats: three, streams }).slice(0, 3)).toEqual([
      'nats-1 file 9',
      'nats-2 file 7',
      'nats-3 file 7',
    ]);
  });

  it('keeps to the servers with the tags', () => {
    const streams = [
      stream('A', 4 * GiB, { placement: ['az:2'] }),
      stream('B', 7 * GiB, { placement: ['az:2'] }),
    ];
    const budget = planBudget({ nats: three, streams });
    expect(budget.totals.filter(({ over }) => over)).toMatchObject([
      { of: { kind: 'server', server: 'nats-2' }, reserved: 11 * GiB },
    ]);
  });

  it('does not add up what no single server could hold', () => {
    expect(planBudget({ nats: three, streams: [stream('A', 11 * GiB)] }).ok).toBe(false);
    const nine = ['A', 'B', 'C'].map((name) => stream(name, 9 * GiB));
    expect(planBudget({ nats: three, streams: nine }).ok).toBe(true);
  });
});

describe('planBudget, accounts', () => {
  const app = someAccount('APP', {
    jetstream: { maxFile: 2 * GiB, maxMemory: -1, maxStreams: -1, maxConsumers: -1 },
  });

  it('holds an account to its own limit, every copy counted', () => {
    const own = (replicas: number) => stream('A', GiB, { account: 'APP', replicas });
    const topology = { nats: { ...nats(9 * GiB), servers: 3 }, accounts: [app] };
    expect(planBudget({ ...topology, streams: [own(1), stream('B', 8 * GiB)] }).ok).toBe(true);
    expect(planBudget({ ...topology, streams: [own(3)] }).totals.at(-1)).toMatchObject({
      of: { kind: 'account', account: 'APP' },
      reserved: 3 * GiB,
      over: true,
    });
  });

  it('has no limit of its own to hold to where there is none', () => {
    const topology = { nats: nats(9 * GiB), accounts: [someAccount('APP'), { ...app, jetstream: null }] };
    expect(planBudget({ ...topology, streams: [] }).totals).toHaveLength(2);
  });
});

describe('renderBudgetTable', () => {
  it('shows families with their product, servers that are alike once, and accounts', () => {
    const topology = {
      nats: { ...nats(10 * GiB), servers: 3 },
      accounts: [
        someAccount('$G', {
          jetstream: { maxFile: 20 * GiB, maxMemory: -1, maxStreams: -1, maxConsumers: -1 },
        }),
      ],
      streams: [
        stream('EVENTS', 4 * GiB, { replicas: 3 }),
        stream('AUDIT', 2 * GiB, { placement: ['az:3'] }),
      ],
      families: [family('chat_{channel}_post', GiB, 6)],
    };
    expect(renderBudgetTable(planBudget(topology)).join('\n')).toMatchInlineSnapshot(`
      "stream                                 storage  replicas        max_bytes
      -------------------------------------------------------------------------
      EVENTS                                 file            3             4GiB
      AUDIT                                  file            1             2GiB
      chat_{channel}_post × 6                file            1  1GiB × 6 = 6GiB
      -------------------------------------------------------------------------
      sum of file streams on nats-1, nats-2  file                          7GiB
      nats.max_file_store of each            file                         10GiB
      left                                   file                          3GiB
      sum of file streams on nats-3          file                          6GiB
      nats.max_file_store of each            file                         10GiB
      left                                   file                          4GiB
      sum of file streams of account $G      file                         20GiB
      accounts.$G.jetstream.max_file         file                         20GiB
      left                                   file                            0B"
    `);
  });

  it('is aligned and ends with what is missing', () => {
    const budget = planBudget({
      nats: nats(GiB),
      streams: [
        stream('MESSAGES', GiB),
        stream('MESSAGESDLQ', GiB),
        stream('AUDIT', -1),
        stream('CACHE', 2 ** 20, { storage: 'memory', replicas: 3 }),
      ],
    });
    expect(renderBudgetTable(budget).join('\n')).toMatchInlineSnapshot(`
      "stream                 storage  replicas  max_bytes
      ---------------------------------------------------
      MESSAGES               file            1       1GiB
      MESSAGESDLQ            file            1       1GiB
      AUDIT                  file            1  unlimited
      CACHE                  memory          3       1MiB
      ---------------------------------------------------
      sum of file streams    file                    2GiB
      nats.max_file_store    file                    1GiB
      over the limit by      file                    1GiB
      sum of memory streams  memory                  1MiB
      nats.max_memory_store  memory                  1GiB
      left                   memory               1023MiB"
    `);
  });
});
