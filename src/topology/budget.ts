import type { Topology } from './model.ts';
import { formatSize } from './sizes.ts';

/** What one stream reserves. */
export interface BudgetRow {
  stream: string;
  storage: 'file' | 'memory';
  /** max_bytes: reserved in full when the stream is made. -1 = no limit, which reserves nothing and promises nothing. */
  bytes: number;
  /** Copies, each on a server of its own; a server holds at most one. */
  replicas: number;
}

export interface BudgetTotal {
  storage: 'file' | 'memory';
  /** Sum of the limited streams. */
  reserved: number;
  /** max_file_store or max_memory_store. */
  limit: number;
  /** limit − reserved; negative when over. */
  slack: number;
  /** Streams without a limit: they share what is left. */
  unlimited: number;
  /** More is reserved than there is, or nothing is left for the unlimited streams. */
  over: boolean;
}

export interface Budget {
  rows: readonly BudgetRow[];
  totals: readonly BudgetTotal[];
  ok: boolean;
}

/**
 * Σ max_bytes against the server's stores, as JetStream counts it when a stream is created (errors 10047 `insufficient
 * storage resources available` and 10028 `insufficient memory resources available`). Replicas do not multiply it: each
 * copy is reserved on another server. A stream without a limit needs one free byte at that moment.
 */
export function planBudget({ nats, streams }: Pick<Topology, 'nats' | 'streams'>): Budget {
  const rows = streams.map(({ name, storage, maxBytes, replicas }) => ({
    stream: name,
    storage,
    bytes: maxBytes < 0 ? -1 : maxBytes,
    replicas,
  }));
  const totals = (['file', 'memory'] as const).map((storage) => {
    const own = rows.filter((row) => row.storage === storage);
    const limit = storage === 'file' ? nats.maxFileStore : nats.maxMemoryStore;
    const reserved = own.reduce((sum, { bytes }) => sum + Math.max(0, bytes), 0);
    const unlimited = own.filter(({ bytes }) => bytes === -1).length;
    const slack = limit - reserved;
    return { storage, reserved, limit, slack, unlimited, over: slack < (unlimited > 0 ? 1 : 0) };
  });
  return { rows, totals, ok: totals.every(({ over }) => !over) };
}

/** An aligned table, one string per line: every stream, then each store with its limit and what is left or missing. */
export function renderBudgetTable({ rows, totals }: Budget): string[] {
  const used = totals.filter(({ storage }) => rows.some((row) => row.storage === storage));
  const cells = [
    ['stream', 'storage', 'replicas', 'max_bytes'],
    ...rows.map(({ stream, storage, replicas, bytes }) => [
      stream,
      storage,
      String(replicas),
      bytes === -1 ? 'unlimited' : formatSize(bytes),
    ]),
    ...used.flatMap(({ storage, reserved, limit, slack, unlimited }) => [
      [`sum of ${storage} streams`, storage, '', formatSize(reserved)],
      [`nats.max_${storage}_store`, storage, '', formatSize(limit)],
      [slack < 0 ? 'over the limit by' : leftFor(unlimited), storage, '', formatSize(Math.abs(slack))],
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  const rule = '-'.repeat(Math.max(...lines.map((line) => line.length)));
  return [lines[0]!, rule, ...lines.slice(1, rows.length + 1), rule, ...lines.slice(rows.length + 1)];
}

const leftFor = (unlimited: number): string =>
  unlimited === 0 ? 'left' : `left for ${unlimited} unlimited stream${unlimited === 1 ? '' : 's'}`;
