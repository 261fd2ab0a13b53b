import { describe, expect, test } from 'vitest';
import {
  createTable,
  type ExistingTable,
  planTable,
  type Table,
} from '../../../src/pipeline/migrate/tables.ts';

const table: Table = {
  name: 'things',
  key: ['id'],
  columns: [
    { name: 'id', type: 'text', required: true },
    { name: 'amount', type: 'numeric', required: false },
  ],
};
const column = (type: string, nullable: boolean, hasDefault = false) => ({ type, nullable, hasDefault });
const existing = (changes: Partial<ExistingTable> = {}): ExistingTable => ({
  columns: { id: column('text', false), amount: column('numeric', true) },
  uniques: [['id']],
  hasRows: true,
  ...changes,
});
const changesOf = (found: ExistingTable | undefined, wanted = table) =>
  planTable(wanted, found).changes.map(({ change }) => change);
const conflictsOf = (found: ExistingTable, wanted = table) => planTable(wanted, found).conflicts;

describe('a table', () => {
  test('that is not there is created with its key', () => {
    expect(changesOf(undefined)).toEqual(['created']);
    expect(createTable(table)).toBe(
      'CREATE TABLE "things" (\n  "id" text NOT NULL,\n  "amount" numeric,\n  PRIMARY KEY ("id")\n)',
    );
  });

  test('that fits is left alone', () => {
    expect(planTable(table, existing())).toEqual({ changes: [], conflicts: [] });
  });

  test('gets new columns; required ones only while it is empty', () => {
    const wanted = {
      ...table,
      columns: [...table.columns, { name: 'note', type: 'text', required: true } as const],
    };
    expect(changesOf(existing({ hasRows: false }), wanted)).toEqual(['column note added']);
    expect(conflictsOf(existing(), wanted)).toEqual([
      expect.stringContaining('things.note: a required column'),
    ]);
  });

  test('whose column has another type is a conflict', () => {
    const found = existing({ columns: { id: column('text', false), amount: column('uuid', true) } });
    expect(conflictsOf(found)).toEqual([
      expect.stringContaining('things.amount: is uuid, declared as numeric'),
    ]);
  });

  test('keeps a column that is no longer declared, and no longer demands it', () => {
    const found = existing({
      columns: { ...existing().columns, old: column('text', false), id2: column('bigint', false, true) },
    });
    expect(changesOf(found)).toEqual(['column old made optional (no longer declared)']);
  });

  test('follows a changed required flag', () => {
    const found = existing({ columns: { id: column('text', false), amount: column('numeric', false) } });
    expect(changesOf(found)).toEqual(['column amount made optional']);
  });

  test('without a unique index on its key is a conflict', () => {
    expect(conflictsOf(existing({ uniques: [['amount'], ['id', 'amount']] }))).toEqual([
      expect.stringContaining('no unique index on exactly (id)'),
    ]);
  });
});
