import type { Field, FieldType } from '../topology/entities.ts';
import type { Target } from './target.ts';

export type Values = Readonly<Record<string, unknown>>;

/** A body to post and the rows that it must become. */
export interface Sample {
  body: Values;
  root: Values;
  items: readonly Values[];
}

/** The Order of the acceptance story; a field of another type or name gets a value of its type. */
const ORDER: Values = {
  customer_key: 'CUST-001',
  order_status: 'O',
  total_price: 1500.5,
  order_date: '2025-11-13',
  clerk: 'Clerk#7',
};
const ITEMS: readonly Values[] = [
  { line_number: 1, part_key: 'PART-001', quantity: 2, extended_price: 1000.25, discount: 0.05 },
  { line_number: 2, part_key: 'PART-002', quantity: 1, extended_price: 500.25 },
];

/** The n-th value of a type; different for each n, so that two items never share a key. */
const SYNTHETIC: Record<FieldType, (n: number) => unknown> = {
  text: (n) => `probe ${n}`,
  integer: (n) => n,
  bigint: (n) => n,
  numeric: (n) => n + 0.25,
  boolean: (n) => n % 2 === 0,
  date: (n) => `2025-11-${String(n + 12).padStart(2, '0')}`,
  timestamp: (n) => `2025-11-13T08:00:0${n}Z`,
  uuid: (n) => `00000000-0000-4000-8000-00000000000${n}`,
  json: (n) => ({ probe: n }),
};

/** One root with two items under the unique key. */
export function sampleOf({ entity, derived, keyField }: Target, key: string): Sample {
  const root = { ...valuesOf(entity.fields, ORDER, 1), [keyField]: key };
  const items = ITEMS.map((known, at) => valuesOf(derived.fields, known, at + 1));
  const inherited = Object.fromEntries(
    Object.entries(root).filter(([name]) => entity.key.includes(name) && derived.key.includes(name)),
  );
  return {
    body: { entity_type: entity.name, ...root, [derived.from]: items },
    root,
    items: items.map((item) => ({ ...inherited, ...item })),
  };
}

/** The same with a second item that no parser may accept: one required value of the wrong type. */
export function malformedSampleOf(target: Target, key: string): Sample & { badField: string } {
  const sample = sampleOf(target, key);
  const required = target.derived.fields.filter(({ required }) => required);
  const bad = required.find(({ name }) => !target.derived.key.includes(name)) ?? required[0];
  const badField = bad?.name ?? target.derived.from;
  const [first, second] = sample.body[target.derived.from] as readonly Values[];
  // An array is of no declared type but json, and null is no value for a required field of that type.
  const wrong = bad?.type === 'json' ? null : ['not', 'a', 'value'];
  return {
    ...sample,
    badField,
    body: { ...sample.body, [target.derived.from]: [first, { ...second, [badField]: wrong }] },
  };
}

function valuesOf(fields: readonly Field[], known: Values, n: number): Values {
  const entries = fields.flatMap(({ name, type, required }): [string, unknown][] => {
    const value = known[name];
    if (value !== undefined && fits(type, value)) return [[name, value]];
    return required ? [[name, SYNTHETIC[type](n)]] : [];
  });
  return Object.fromEntries(entries);
}

function fits(type: FieldType, value: unknown): boolean {
  if (type === 'date') return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
  if (type === 'text') return typeof value === 'string';
  if (type === 'numeric') return typeof value === 'number';
  return (type === 'integer' || type === 'bigint') && Number.isInteger(value);
}
