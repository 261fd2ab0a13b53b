import type { DerivedEntity, Entity, Field } from './declaration.ts';
import { CONVERTERS } from './values.ts';

/** Column values in the order of the table's columns, as text for Postgres to cast. */
export type Row = readonly (string | null)[];

export interface ParsedEntity {
  root: Row;
  /** Equal for two messages exactly when they write the same root row. */
  rootKey: string;
  /** One list per derived entity, in declaration order. */
  children: readonly (readonly Row[])[];
}

export type Parsed = { ok: true; entity: ParsedEntity } | { ok: false; error: string };

type Body = Readonly<Record<string, unknown>>;

/** Enough to find the fault; a body of a thousand bad items need not be listed item by item. */
const MAX_PROBLEMS = 5;

/** The columns of a derived table: the parent's key first, then the item's own fields. */
export function childColumns(parent: Entity, child: DerivedEntity): Field[] {
  const inherited = parent.key.map((name) => parent.fields.find((field) => field.name === name) as Field);
  return [...inherited, ...child.fields.filter(({ name }) => !parent.key.includes(name))];
}

/**
 * Compiles a declaration into a parser: JSON body → root row and derived rows. All or nothing: one malformed item
 * fails the message, with every place named (`line_items[1].quantity: read "two", expected a whole number of 32 bits`).
 * Keys that are not declared are ignored; `null` counts as absent.
 */
export function compileParser(entity: Entity): (body: Body) => Parsed {
  const rootKeyAt = positions(entity.fields, entity.key);
  const children = entity.derived.map((child) => {
    const columns = childColumns(entity, child);
    return { from: child.from, own: columns.slice(entity.key.length), keyAt: positions(columns, child.key) };
  });

  return (body) => {
    const problems: string[] = [];
    const root = convertRow(entity.fields, body, '', problems);
    const inherited = rootKeyAt.map((at) => root[at] ?? null);
    const rows = children.map(({ from, own, keyAt }) => {
      const list = Object.hasOwn(body, from) ? body[from] : undefined;
      if (list === undefined || list === null) return [];
      if (!Array.isArray(list)) {
        problems.push(`${from}: read ${show(list)}, expected an array`);
        return [];
      }
      const seen = new Map<string, number>();
      return list.map((item: unknown, index): Row => {
        const place = `${from}[${index}]`;
        if (typeof item !== 'object' || item === null || Array.isArray(item)) {
          problems.push(`${place}: read ${show(item)}, expected an object`);
          return [];
        }
        const row = [...inherited, ...convertRow(own, item as Body, `${place}.`, problems)];
        const key = joinKey(row, keyAt);
        const first = seen.get(key);
        if (first !== undefined) problems.push(`${place}: has the same key as ${from}[${first}]`);
        else seen.set(key, index);
        return row;
      });
    });
    if (problems.length > 0) return { ok: false, error: summary(problems) };
    return { ok: true, entity: { root, rootKey: joinKey(root, rootKeyAt), children: rows } };
  };
}

function convertRow(
  fields: readonly Field[],
  body: Body,
  prefix: string,
  problems: string[],
): (string | null)[] {
  return fields.map(({ name, type, required }) => {
    // A field called `constructor` must not read what every object inherits.
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (value === undefined || value === null) {
      if (required) problems.push(`${prefix}${name}: is missing and required`);
      return null;
    }
    const converted = CONVERTERS[type](value);
    if ('text' in converted) return converted.text;
    problems.push(`${prefix}${name}: read ${show(value)}, expected ${converted.expected}`);
    return null;
  });
}

const positions = (columns: readonly Field[], names: readonly string[]): number[] =>
  names.map((name) => columns.findIndex((column) => column.name === name));

const joinKey = (row: Row, at: readonly number[]): string =>
  at.length === 1 ? String(row[at[0] as number]) : JSON.stringify(at.map((index) => row[index]));

function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function summary(problems: readonly string[]): string {
  const rest = problems.length - MAX_PROBLEMS;
  return problems.slice(0, MAX_PROBLEMS).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}
