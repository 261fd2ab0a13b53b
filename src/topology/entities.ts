/** What the pipeline writes to Postgres: each entity is one table, with tables of the rows derived from it. */

export type FieldType =
  | 'text'
  | 'integer'
  | 'bigint'
  | 'numeric'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'uuid'
  | 'json';

export interface Field {
  /** Key in the JSON body and column in the table, snake_case. */
  name: string;
  type: FieldType;
  required: boolean;
}

export interface Entity {
  /** As it stands in `entity_type`, e.g. `Order`. */
  name: string;
  table: string;
  /** Unique columns. */
  key: readonly string[];
  fields: readonly Field[];
  derived: readonly DerivedEntity[];
}

/** Rows made from an array inside the root body: `Order.line_items[] → order_line_items`. */
export interface DerivedEntity {
  /** The array's key in the root body. */
  from: string;
  table: string;
  /** Unique columns: the parent's key columns (copied into every row) plus columns of the item. */
  key: readonly string[];
  fields: readonly Field[];
}
