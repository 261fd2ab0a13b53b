import type { Budget, BudgetRow, BudgetTotal } from './budget.ts';
import { formatSize } from './sizes.ts';

/**
 * An aligned table, one string per line: every stream, with the product for families; then each store and each account's
 * limit with what is left or missing. Servers on which the same is reserved share their lines.
 */
export function renderBudgetTable({ rows, totals }: Budget): string[] {
  const used = totals.filter((total) => rows.some((row) => countsIn(row, total)));
  const cells = [
    ['stream', 'storage', 'replicas', 'max_bytes'],
    ...rows.map((row) => [nameOf(row), row.storage, String(row.replicas), sizeOf(row)]),
    ...merged(used).flatMap(({ total, title }) => [
      [`sum of ${total.storage} streams${title}`, total.storage, '', formatSize(total.reserved)],
      [limitName(total), total.storage, '', formatSize(total.limit)],
      [
        total.slack < 0 ? 'over the limit by' : leftFor(total.unlimited),
        total.storage,
        '',
        formatSize(Math.abs(total.slack)),
      ],
    ]),
  ];
  return ruled(aligned(cells), rows.length + 1);
}

const countsIn = ({ storage, account }: BudgetRow, { of, storage: wanted }: BudgetTotal): boolean =>
  storage === wanted && (of.kind === 'server' || of.account === account);

function nameOf({ stream, count, service }: BudgetRow): string {
  const times = count === 1 ? '' : ` × ${count}`;
  return `${stream}${times}${service === undefined ? '' : ` (created by ${service})`}`;
}

const sizeOf = ({ bytes, count }: BudgetRow): string => {
  if (bytes === -1) return 'unlimited';
  return count === 1 ? formatSize(bytes) : `${formatSize(bytes)} × ${count} = ${formatSize(bytes * count)}`;
};

/** Servers that hold the same amount, told once: ` on nats-1, nats-2`. */
function merged(totals: readonly BudgetTotal[]): { total: BudgetTotal; title: string }[] {
  const serversOf = new Map<string, string[]>();
  const groups = new Map<string, { total: BudgetTotal; title: string }>();
  const alone = totals.every(({ of }) => of.kind === 'account' || of.server === 'nats');
  for (const total of totals) {
    const { of, storage, reserved, unlimited } = total;
    if (of.kind === 'account') {
      groups.set(JSON.stringify([of.account, storage]), { total, title: ` of account ${of.account}` });
      continue;
    }
    const key = JSON.stringify(['', storage, reserved, unlimited]);
    const servers = serversOf.get(key) ?? [];
    servers.push(of.server);
    serversOf.set(key, servers);
    groups.set(key, { total, title: alone ? '' : ` on ${servers.join(', ')}` });
  }
  return [...groups.values()];
}

function limitName({ of, storage }: BudgetTotal): string {
  if (of.kind === 'account') return `accounts.${of.account}.jetstream.max_${storage}`;
  return `nats.max_${storage}_store${of.server === 'nats' ? '' : ' of each'}`;
}

const leftFor = (unlimited: number): string =>
  unlimited === 0 ? 'left' : `left for ${unlimited} unlimited stream${unlimited === 1 ? '' : 's'}`;

function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

function ruled(lines: readonly string[], head: number): string[] {
  const rule = '-'.repeat(Math.max(...lines.map((line) => line.length)));
  return [lines[0]!, rule, ...lines.slice(1, head), rule, ...lines.slice(head)];
}
