import { describe, expect, test } from 'vitest';
import { contradictions, type Entity } from '../../../src/pipeline/entities/declaration.ts';
import { compileParser } from '../../../src/pipeline/entities/parser.ts';
import { arrayLiteral, compileWriter } from '../../../src/pipeline/entities/statements.ts';
import { CONVERTERS } from '../../../src/pipeline/entities/values.ts';
import { ORDER_ENTITY, someOrder } from '../../helpers/pipeline-entities.ts';

const order = ORDER_ENTITY as Entity;
const parse = compileParser(order);
const errorOf = (body: Record<string, unknown>) => {
  const parsed = parse(body);
  return parsed.ok ? undefined : parsed.error;
};

describe('a value', () => {
  test.each([
    ['text', 'ü "quoted" \\', 'ü "quoted" \\'],
    ['integer', 7, '7'],
    ['integer', -0, '0'],
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['bigint', '007', '7'],
    ['numeric', 1500.5, '1500.5'],
    ['numeric', '0.10000000000000000001', '0.10000000000000000001'],
    ['boolean', true, 't'],
    ['date', '2024-02-29', '2024-02-29'],
    ['timestamp', '2025-11-13T08:00:00', '2025-11-13T08:00:00Z'],
    ['timestamp', '2025-11-13 08:00:00.5+01:00', '2025-11-13T08:00:00.5+01:00'],
    ['uuid', '4A3D2B1C-0000-4000-8000-000000000000', '4a3d2b1c-0000-4000-8000-000000000000'],
    ['json', { a: [1, null] }, '{"a":[1,null]}'],
  ] as const)('%s %j is stored', (type, value, text) => {
    expect(CONVERTERS[type](value)).toEqual({ text });
  });

  test.each([
    ['text', 7],
    ['text', 'a\0b'],
    ['text', '\ud800'],
    ['integer', 1.5],
    ['integer', 2 ** 31],
    ['integer', '7'],
    ['bigint', 2 ** 53],
    ['bigint', '9223372036854775808'],
    ['numeric', 'NaN'],
    ['numeric', '1e9999'],
    ['boolean', 'true'],
    ['date', '2025-02-30'],
    ['date', '2025-1-1'],
    ['timestamp', '2025-11-13'],
    ['timestamp', '2025-11-13T25:00:00Z'],
    ['uuid', '4a3d2b1c'],
    ['json', { deep: { text: 'a\0b' } }],
  ] as const)('%s %j is refused with what was expected', (type, value) => {
    expect(CONVERTERS[type](value)).toEqual({ expected: expect.any(String) });
  });

  test('nested too deep is refused instead of overflowing the stack', () => {
    const text = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(CONVERTERS.json(JSON.parse(text))).toHaveProperty('expected');
  });
});

describe('the parser', () => {
  test('turns an Order into one root row and two item rows', () => {
    const parsed = parse(someOrder('K'));
    if (!parsed.ok) throw new Error(parsed.error);
    expect(parsed.entity.root).toEqual([
      'K',
      'CUST-001',
      'O',
      '1500.5',
      '2025-11-13',
      null,
      'Clerk#7',
      null,
      null,
    ]);
    expect(parsed.entity.children[0]?.map((row) => row.slice(0, 5))).toEqual([
      ['K', '1', 'PART-001', '2', '1000.25'],
      ['K', '2', 'PART-002', '1', '500.25'],
    ]);
  });

  test('names every place that is wrong, up to five', () => {
    expect(errorOf(someOrder('K', { total_price: 'much', line_items: [null, { line_number: 1 }] }))).toBe(
      'total_price: read "much", expected a number, or a string of digits when every digit counts; ' +
        'line_items[0]: read null, expected an object; line_items[1].part_key: is missing and required; ' +
        'line_items[1].quantity: is missing and required; line_items[1].extended_price: is missing and required',
    );
    expect(errorOf({})).toMatch(/order_key: is missing and required/);
    expect(errorOf(someOrder('K', { line_items: Array.from({ length: 9 }, () => 0) }))).toMatch(
      /; and 4 more$/,
    );
    expect(errorOf(someOrder('K', { line_items: {} }))).toBe('line_items: read an object, expected an array');
  });

  test('takes null and absence for the same, and an absent array for an empty one', () => {
    expect(parse(someOrder('K', { clerk: null, line_items: null }))).toMatchObject({
      ok: true,
      entity: { children: [[]] },
    });
  });

  test('refuses two items with one key', () => {
    const item = { line_number: 1, part_key: 'P', quantity: 1, extended_price: 1 };
    expect(errorOf(someOrder('K', { line_items: [item, item] }))).toBe(
      'line_items[1]: has the same key as line_items[0]',
    );
  });

  test('does not read what every object inherits', () => {
    const entity: Entity = {
      ...{ name: 'E', table: 'e', key: ['constructor'], derived: [] },
      fields: [{ name: 'constructor', type: 'text', required: true }],
    };
    expect(compileParser(entity)({})).toEqual({ ok: false, error: 'constructor: is missing and required' });
  });
});

describe('statements', () => {
  const writer = compileWriter(order, 0);
  const parsed = (key: string, changes = {}) => {
    const result = parse(someOrder(key, changes));
    if (!result.ok) throw new Error(result.error);
    return result.entity;
  };

  test('are as many for a hundred messages as for one', () => {
    const one = writer.statements([parsed('A')]);
    const many = writer.statements(Array.from({ length: 100 }, (_, at) => parsed(`K${at}`)));
    expect(one.map(({ text }) => text)).toEqual(many.map(({ text }) => text));
    expect(one).toHaveLength(3);
  });

  test('write only the newest message of a key, and keys in order', () => {
    const [root] = writer.statements([parsed('B'), parsed('A'), parsed('B', { customer_key: 'NEW' })]);
    expect(root?.values.slice(0, 2)).toEqual(['{"A","B"}', '{"CUST-001","NEW"}']);
  });

  test('quote identifiers', () => {
    const fields: Entity['fields'] = [{ name: 'select', type: 'text', required: true }];
    const [statement] = compileWriter(
      { name: 'E', table: 'order', key: ['select'], fields, derived: [] },
      0,
    ).statements([{ root: ['x'], rootKey: 'x', children: [] }]);
    expect(statement?.text).toBe(
      'INSERT INTO "order" ("select")\nSELECT * FROM unnest($1::text[])\nON CONFLICT ("select") DO NOTHING',
    );
  });

  test('carry any text through an array literal', () => {
    expect(arrayLiteral(['a', null, 'null', '', 'x,y', '{}', 'say "hi"', 'back\\slash'])).toBe(
      '{"a",NULL,"null","","x,y","{}","say \\"hi\\"","back\\\\slash"}',
    );
  });
});

describe('a declaration', () => {
  const faults = (changes: Partial<Entity>) =>
    contradictions([{ ...order, ...changes }]).map(({ path }) => path.join('.'));

  test('as shipped has no contradiction', () => expect(faults({})).toEqual([]));
  test('may not use a table twice or one of the pipeline itself', () => {
    expect(faults({ table: 'message_status' })).toEqual(['0.table']);
    expect(faults({ table: 'order_line_items' })).toEqual(['0.derived.0.table']);
    expect(contradictions([order, order]).map(({ path }) => path.join('.'))).toContain('1.name');
  });
  test('has keys that are required fields', () => {
    expect(faults({ key: ['nothing'] })).toContain('0.key.0');
    expect(faults({ key: ['clerk'], derived: [] })).toEqual(['0.key.0']);
  });
  test("has derived keys that hold the parent's", () => {
    expect(
      faults({ derived: [{ ...(order.derived[0] as Entity['derived'][0]), key: ['line_number'] }] }),
    ).toEqual(['0.derived.0.key']);
  });
});
