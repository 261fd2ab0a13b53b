import { describe, expect, it } from 'vitest';
import { planBudget, renderBudgetTable } from '../../../src/topology/budget.ts';
import type { Nats, Stream } from '../../../src/topology/model.ts';

const GiB = 2 ** 30;

const nats = (maxFileStore: number, maxMemoryStore = GiB): Nats => ({
  version: '2.15.1',
  image: 'nats:2.15.1-alpine',
  maxMemoryStore,
  maxFileStore,
  maxPayload: 2 ** 20,
  maxPending: 2 ** 26,
  maxConnections: 1000,
  syncInterval: 120_000,
});

const stream = (name: string, maxBytes: number, over: Partial<Stream> = {}): Stream => ({
  name,
  subjects: [`${name}.>`],
  storage: 'file',
  retention: 'limits',
  discard: 'old',
  maxBytes,
  maxAge: 0,
  maxMsgs: -1,
  maxMsgSize: -1,
  duplicateWindow: 120_000,
  replicas: 1,
  ...over,
});

describe('planBudget', () => {
  it('adds up each storage against its own store', () => {
    const budget = planBudget({
      nats: nats(3 * GiB, GiB),
      streams: [stream('A', GiB), stream('B', GiB), stream('C', 2 * GiB, { storage: 'memory' })],
    });
    expect(budget.totals).toEqual([
      { storage: 'file', reserved: 2 * GiB, limit: 3 * GiB, slack: GiB, over: false, unlimited: 0 },
      { storage: 'memory', reserved: 2 * GiB, limit: GiB, slack: -GiB, over: true, unlimited: 0 },
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
    expect(rows[0]).toEqual({ stream: 'A', storage: 'file', bytes: -1, replicas: 1 });
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

describe('renderBudgetTable', () => {
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
