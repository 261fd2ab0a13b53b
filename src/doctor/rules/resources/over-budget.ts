import { type BudgetRow, type BudgetTotal, planBudget, type Spending } from '../../../topology/budget.ts';
import { formatSize, parseSize } from '../../../topology/sizes.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Place, Report } from '../../finding.ts';
import { placeText } from '../../place-text.ts';
import { writtenStreams } from '../../written/streams.ts';
import { type Stores, storesOf } from './stores.ts';

/** Every store and every account limit that does not hold what is reserved. */
export interface Excess {
  stores: Stores;
  total: BudgetTotal;
  /** The first stream that does not fit, in the order in which they are made. */
  row: BudgetRow;
  place: Place;
}

/** Servers that lack the same are told once. */
export function excesses(facts: StaticFacts, storage: 'file' | 'memory'): Excess[] {
  return storesOf(facts).flatMap((stores) => {
    const told = new Set<string>();
    return stores.budget.totals.flatMap((total): Excess[] => {
      if (total.storage !== storage || !total.over) return [];
      const kind = total.of.kind === 'server' ? '' : total.of.account;
      if (told.size === told.add(kind).size) return [];
      const row = firstThatDoesNotFit(stores, total);
      return row === undefined ? [] : [{ stores, total, row, place: placeOfRow(facts, row, stores, total) }];
    });
  });
}

/** Only more streams make a sum larger, so the first that is too much is found by halving. */
function firstThatDoesNotFit(
  { spending, budget }: Stores,
  { of, storage }: BudgetTotal,
): BudgetRow | undefined {
  const isOver = (count: number): boolean =>
    planBudget(head(spending, budget.rows.slice(0, count))).totals.some(
      (total) =>
        total.over &&
        total.storage === storage &&
        total.of.kind === of.kind &&
        nameOf(total) === nameOf({ of }),
    );
  let [fits, tooMany] = [0, budget.rows.length];
  // With servers that share one sentence, another one may be the first to be full.
  if (!isOver(tooMany)) return undefined;
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (isOver(middle)) tooMany = middle;
    else fits = middle;
  }
  return budget.rows[tooMany - 1];
}

const nameOf = ({ of }: Pick<BudgetTotal, 'of'>): string => (of.kind === 'account' ? of.account : '');

/** The same servers with only these rows. */
function head(spending: Spending, rows: readonly BudgetRow[]): Spending {
  const kept = new Set(rows.map(({ account, stream }) => JSON.stringify([account, stream])));
  const has = (account: string, name: string) => kept.has(JSON.stringify([account, name]));
  return {
    ...spending,
    streams: spending.streams.filter(({ account, name, family }) => has(account, family ?? name)),
    families: (spending.families ?? []).filter(({ name, pattern }) => has(pattern.account, name)),
    services: (spending.services ?? []).map((service) => ({
      ...service,
      creates: {
        ...service.creates,
        streams: service.creates.streams.filter(({ name, account }) => has(account ?? service.account, name)),
      },
    })),
  };
}

/** The reservation itself where a file says it; the limit that it is held against where only that is in a file. */
function placeOfRow(facts: StaticFacts, row: BudgetRow, stores: Stores, total: BudgetTotal): Place {
  const written = writtenStreams(facts).filter(
    ({ name, captured }) => name === row.stream || captured.some(({ stream }) => stream === row.stream),
  );
  const best = written.find(({ service }) => service === row.service) ?? written[0];
  return best?.place('maxBytes') ?? stores.limit(total).place;
}

/** A sentence with the sum and the limit, and one with what to write. */
export function tellExcess({ stores, total, row, place }: Excess, symptom: string): Report {
  const { name, place: limitPlace, isDefault } = stores.limit(total);
  const of = total.of.kind === 'account' ? `account ${total.of.account}` : stores.title;
  const each = row.count === 1 ? '' : `${row.count} members of ${formatSize(row.bytes)} each, `;
  const copies = total.of.kind === 'account' && row.replicas > 1 ? `${row.replicas} copies, ` : '';
  const own = formatSize(row.bytes * row.count * (total.of.kind === 'account' ? row.replicas : 1));
  const sum = roundedUp(total.reserved);
  const at = isDefault ? 'its default' : placeText(limitPlace);
  return {
    place,
    cause:
      `${row.stream} reserves ${own}${each === '' && copies === '' ? '' : ` (${each}${copies}`.replace(/, $/, ')')}; ` +
      `with the others that is ${sum} of ${storageText(total.storage)}, and ${of} has ${formatSize(total.limit)} (${name}, ${at}).`,
    fix: `Write ${name}: ${roundedUp(total.reserved)} or more, or lower max_bytes by ${formatSize(-total.slack)} in all.${decimals(total)}`,
    symptom,
  };
}

const storageText = (storage: 'file' | 'memory'): string => (storage === 'file' ? 'file storage' : 'memory');

/** Exactly where a unit can say it in a few digits, and never less. */
export function roundedUp(bytes: number): string {
  const text = formatSize(bytes);
  const read = parseSize(text);
  if (read.ok && read.value === bytes) return text;
  return bytes > 10 * 2 ** 20 ? `${Math.ceil(bytes / 2 ** 20)}MiB` : `${bytes}B`;
}

/** What does not fit by less than the difference between the two kinds of units was most likely meant to fit. */
function decimals({ limit, reserved }: BudgetTotal): string {
  const power = [1e12, 1e9, 1e6].find((unit) => limit >= unit && limit % unit === 0);
  if (power === undefined) return '';
  const binary = 2 ** (10 * Math.round(Math.log10(power) / 3));
  const [decimal, other] = [
    { 1e12: 'T', 1e9: 'G', 1e6: 'M' }[String(power)],
    { 1e12: 'TiB', 1e9: 'GiB', 1e6: 'MiB' }[String(power)],
  ];
  return reserved > (limit / power) * binary
    ? ''
    : ` ${limit / power}${decimal} is ${limit} bytes, and ${limit / power}${other} is ${(limit / power) * binary}.`;
}
