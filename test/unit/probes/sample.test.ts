import { describe, expect, it } from 'vitest';
import type { ProbeContext } from '../../../src/probes/probe.ts';
import { expectRows } from '../../../src/probes/rows.ts';
import { malformedSampleOf, sampleOf } from '../../../src/probes/sample.ts';
import { findTarget, type Target } from '../../../src/probes/target.ts';
import type { Entity, Field, FieldType } from '../../../src/topology/entities.ts';
import type { Topology } from '../../../src/topology/model.ts';
import { ORDER_ENTITY, someOrder } from '../../helpers/pipeline-entities.ts';
import { NOWHERE, someTopology } from '../../helpers/topology.ts';

const ORDER = ORDER_ENTITY as Entity;
const TYPES: FieldType[] = [
  'text',
  'integer',
  'bigint',
  'numeric',
  'boolean',
  'date',
  'timestamp',
  'uuid',
  'json',
];
const field = (name: string, type: FieldType, required = true): Field => ({ name, type, required });

/** Every field type, and no name that the Order knows. */
const INVOICE: Entity = {
  name: 'Invoice',
  table: 'invoices',
  key: ['tenant', 'number'],
  fields: [
    field('tenant', 'integer'),
    field('number', 'text'),
    ...TYPES.map((type) => field(`a_${type}`, type)),
  ],
  derived: [
    {
      from: 'lines',
      table: 'invoice_lines',
      key: ['tenant', 'number', 'line'],
      fields: [field('line', 'text'), ...TYPES.map((type) => field(`a_${type}`, type, type !== 'json'))],
    },
  ],
};

const found = (parts: Partial<Topology>, services: Record<string, string> = { api: 'http://127.0.0.1:1' }) =>
  findTarget({
    topology: someTopology(parts),
    endpoints: { nats: NOWHERE, natsMonitorUrl: '', databaseUrl: '', services },
  } as unknown as ProbeContext);

function targetFor(entity: Entity): Target {
  const target = found({ entities: [entity] });
  if ('skip' in target) throw new Error(target.skip);
  return target;
}

describe('the target', () => {
  it('is the first entity with a text key that its items inherit', () => {
    const flat: Entity = { ...ORDER, name: 'Flat', derived: [] };
    expect(found({ entities: [flat, ORDER] })).toMatchObject({
      entity: { name: 'Order' },
      derived: { table: 'order_line_items' },
      keyField: 'order_key',
      names: { stream: 'MESSAGES', dlqStream: 'MESSAGESDLQ', consumer: 'workers' },
      consumer: { name: 'workers' },
    });
  });

  it.each([
    [{ services: [] }, /built-in api and worker/],
    [{ entities: [] }, /no declared entity/],
    [{ entities: [{ ...ORDER, key: ['total_price'] }] }, /no declared entity/],
  ])('is missing with a reason: %#', (parts, reason) => {
    expect(found({ entities: [ORDER], ...parts })).toEqual({ skip: expect.stringMatching(reason) });
  });

  it('knows whether acked messages stay in the stream', () => {
    const { streams } = someTopology();
    const queue = streams.map((stream) => ({ ...stream, retention: 'workqueue' as const }));
    expect(found({ entities: [ORDER] })).toMatchObject({ keepsMessages: true });
    expect(found({ entities: [ORDER], streams: queue })).toMatchObject({ keepsMessages: false });
  });

  it('is missing when the api has no port', () => {
    expect(found({ entities: [ORDER] }, {})).toEqual({ skip: expect.stringContaining('no published port') });
  });
});

describe('the sample', () => {
  it('is the Order of the acceptance story for the shipped declaration', () => {
    expect(sampleOf(targetFor(ORDER), 'KEY').body).toEqual(someOrder('KEY'));
  });

  it('has rows whose items carry the parent’s key', () => {
    const { items } = sampleOf(targetFor(ORDER), 'KEY');
    expect(items).toMatchObject([
      { order_key: 'KEY', line_number: 1 },
      { order_key: 'KEY', line_number: 2 },
    ]);
  });

  it('has a value of each type for any other declaration, and two different item keys', () => {
    const { root, items } = sampleOf(targetFor(INVOICE), 'KEY');
    expect(Object.keys(root)).toEqual(['tenant', 'number', ...TYPES.map((type) => `a_${type}`)]);
    expect(root).toMatchObject({ tenant: 1, number: 'KEY', a_boolean: false, a_date: '2025-11-13' });
    expect(items.map(({ line }) => line)).toEqual(['probe 1', 'probe 2']);
    expect(items[0]).toMatchObject({ tenant: 1, number: 'KEY' });
  });

  it('gives a known name another type’s value when it is declared so', () => {
    const changed = {
      ...ORDER,
      fields: ORDER.fields.map((one) => (one.name === 'total_price' ? field('total_price', 'integer') : one)),
    };
    expect(sampleOf(targetFor(changed), 'KEY').root.total_price).toBe(1);
  });

  it.each([ORDER, INVOICE])('is malformed in one required field of the second item: $name', (entity) => {
    const target = targetFor(entity);
    const { body, badField } = malformedSampleOf(target, 'KEY');
    const good = sampleOf(target, 'KEY').body;
    const [first, second] = body[target.derived.from] as Record<string, unknown>[];
    const [goodFirst, goodSecond] = good[target.derived.from] as Record<string, unknown>[];
    expect(first).toEqual(goodFirst);
    expect({ ...second, [badField]: goodSecond?.[badField] }).toEqual(goodSecond);
    expect(second?.[badField]).not.toEqual(goodSecond?.[badField]);
    expect(target.derived.fields.find(({ name }) => name === badField)?.required).toBe(true);
  });
});

describe('expected rows', () => {
  const fields = [{ name: 'a' }, { name: 'b' }];

  it.each([
    [[{ a: 1, b: 'x' }], [{ a: 1, b: 'x' }]],
    [
      [{ a: 2 }, { a: 1 }],
      [{ a: 1 }, { a: 2 }],
    ],
    [[{ a: 1, b: null, extra: 'column' }], [{ a: 1 }]],
    [[{ a: '2025-11-13T08:00:01+00:00' }], [{ a: '2025-11-13T08:00:01Z' }]],
    [[{ a: { probe: 1 } }], [{ a: { probe: 1 } }]],
    [[], []],
  ])('%j is what %j was to become', (rows, expected) => {
    expect(() => expectRows('t', rows, expected, fields)).not.toThrow();
  });

  it.each([
    [[], [{ a: 1 }], /expected 1 row\(s\) in t, found 0/],
    [[{ a: 1 }, { a: 1 }], [{ a: 1 }], /found 2/],
    [[{ a: 1 }], [], /expected 0 row\(s\)/],
    [[{ a: 2 }], [{ a: 1 }], /expected in t \{"a":1\}, found \[\{"a":2\}\]/],
    [[{ a: 1, b: 'sent by nobody' }], [{ a: 1 }], /expected in t/],
    [[{ a: '2025-11-13' }], [{ a: '2025-11-14' }], /expected in t/],
  ])('%j is not %j', (rows, expected, error) => {
    expect(() => expectRows('t', rows, expected, fields)).toThrow(error);
  });
});
