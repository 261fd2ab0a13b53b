import type { CreatedStream, Stream, StreamFamily, Topology } from './model.ts';
import { placeCopies } from './placement.ts';
import { natsServers } from './servers.ts';

/** What one stream reserves, or all streams of one family. */
export interface BudgetRow {
  /** The stream's name, or the family's with its placeholder. */
  stream: string;
  account: string;
  storage: 'file' | 'memory';
  /** max_bytes of one: reserved in full when the stream is made. -1 = no limit, which reserves nothing and promises nothing. */
  bytes: number;
  /** 1, or how many members a family may have in the end. */
  count: number;
  /** Copies, each on a server of its own; a server holds at most one. */
  replicas: number;
  /** The service whose code creates it, when devenv does not. */
  service?: string;
}

export interface BudgetTotal {
  /** One server's store, or what one account may reserve on all servers together. */
  of: { kind: 'server'; server: string } | { kind: 'account'; account: string };
  storage: 'file' | 'memory';
  /** Sum of the limited streams. */
  reserved: number;
  /** max_file_store or max_memory_store; max_file or max_memory of the account. */
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

/** What of a topology counts; the parts that are left out hold nothing. */
export type Spending = Pick<Topology, 'nats' | 'streams'> &
  Partial<Pick<Topology, 'families' | 'accounts' | 'services'>>;

const STORAGES = ['file', 'memory'] as const;

/**
 * Σ max_bytes against the stores of every server and the limits of every account, as JetStream counts it when a stream
 * is created (10047 `insufficient storage resources available`, 10028 `insufficient memory resources available`; in a
 * cluster 10005 `no suitable peers for placement, insufficient storage`). Each copy is reserved on a server of its own;
 * an account's limit counts every copy (seen on 2.9.10 and 2.15.1; 2.10.27 lets an account exceed it). A stream without
 * a limit needs one free byte at that moment.
 */
export function planBudget(topology: Spending): Budget {
  const rows = budgetRows(topology);
  const totals = [...serverTotals(topology, rows), ...accountTotals(topology.accounts ?? [], rows)];
  return { rows: rows.map(({ row }) => row), totals, ok: totals.every(({ over }) => !over) };
}

interface PlacedRow {
  row: BudgetRow;
  placement: readonly string[];
}

function budgetRows({ streams, families = [], services = [] }: Spending): PlacedRow[] {
  const single = streams.filter(({ family }) => family === undefined);
  const created = new Map<string, PlacedRow>();
  for (const { name: service, account, creates } of services) {
    for (const stream of creates.streams) {
      const at = stream.account ?? account;
      if (stream.maxBytes === undefined || isDeclared(stream.name, at, { streams, families })) continue;
      const key = JSON.stringify([at, stream.name]);
      // The first to start makes it; whichever that is, the larger one has to fit.
      if ((created.get(key)?.row.bytes ?? Number.NEGATIVE_INFINITY) >= stream.maxBytes) continue;
      created.set(key, rowOf(withDefaults(stream, at), 1, service));
    }
  }
  return [
    ...single.map((stream) => rowOf(stream, 1)),
    ...families.map(({ name, pattern, members, atMost }) =>
      rowOf({ ...pattern, name }, Math.max(atMost, members.length)),
    ),
    ...created.values(),
  ];
}

type Reserving = Pick<Stream, 'name' | 'account' | 'storage' | 'maxBytes' | 'replicas' | 'placement'>;

const rowOf = (stream: Reserving, count: number, service?: string): PlacedRow => ({
  row: {
    stream: stream.name,
    account: stream.account,
    storage: stream.storage,
    // To the server 0 is no limit either.
    bytes: stream.maxBytes <= 0 ? -1 : stream.maxBytes,
    count,
    replicas: stream.replicas,
    ...(service !== undefined && { service }),
  },
  placement: stream.placement,
});

const withDefaults = (stream: CreatedStream, account: string): Reserving => ({
  name: stream.name,
  account,
  storage: stream.storage ?? 'file',
  maxBytes: stream.maxBytes ?? -1,
  replicas: stream.replicas ?? 1,
  placement: stream.placement ?? [],
});

/** A stream of that name, or a member that its family counts already. */
const isDeclared = (
  name: string,
  account: string,
  { streams, families }: { streams: readonly Stream[]; families: readonly StreamFamily[] },
): boolean =>
  streams.some((stream) => stream.name === name && stream.account === account) ||
  families.some(({ pattern, ...family }) => pattern.account === account && isMemberOf(family, name));

/** Is `chat_general_moderation` one of `chat_{channel}_moderation`? */
export function isMemberOf(
  { name, placeholder }: Pick<StreamFamily, 'name' | 'placeholder'>,
  stream: string,
): boolean {
  const [before = '', after = ''] = name.split(`{${placeholder}}`);
  return (
    stream === name ||
    (stream.length > before.length + after.length && stream.startsWith(before) && stream.endsWith(after))
  );
}

function serverTotals({ nats }: Pick<Topology, 'nats'>, rows: readonly PlacedRow[]): BudgetTotal[] {
  const servers = natsServers({ nats });
  return STORAGES.flatMap((storage) => {
    const limit = storage === 'file' ? nats.maxFileStore : nats.maxMemoryStore;
    const own = rows.filter(({ row }) => row.storage === storage);
    const placed = placeCopies(
      own.map(({ row, placement }) => ({ ...row, placement })),
      servers.length,
    );
    return servers.map(({ service: server }, index): BudgetTotal => {
      const { reserved, unlimited } = placed[index] ?? { reserved: 0, unlimited: 0 };
      return { of: { kind: 'server', server }, storage, ...judged({ limit, reserved, unlimited }) };
    });
  });
}

function accountTotals(accounts: Topology['accounts'], rows: readonly PlacedRow[]): BudgetTotal[] {
  return accounts.flatMap(({ name: account, jetstream }) =>
    STORAGES.flatMap((storage): BudgetTotal[] => {
      const limit = storage === 'file' ? jetstream?.maxFile : jetstream?.maxMemory;
      if (limit === undefined || limit < 0) return [];
      const own = rows
        .map(({ row }) => row)
        .filter((row) => row.account === account && row.storage === storage);
      const reserved = own.reduce(
        (sum, { bytes, count, replicas }) => sum + Math.max(0, bytes) * count * replicas,
        0,
      );
      const unlimited = own.reduce((sum, { bytes, count }) => sum + (bytes === -1 ? count : 0), 0);
      return [{ of: { kind: 'account', account }, storage, ...judged({ limit, reserved, unlimited }) }];
    }),
  );
}

function judged({ limit, reserved, unlimited }: { limit: number; reserved: number; unlimited: number }) {
  const slack = limit - reserved;
  return { reserved, limit, slack, unlimited, over: slack < (unlimited > 0 ? 1 : 0) };
}
