/**
 * One difference between declared and live, or one object without any:
 * - `create`: declared, not there. `same`: declared, there, equal.
 * - `update`: a field differs and the server can change it. `immutable`: it cannot; the object must be made anew.
 * - `undeclared`: there, not declared. It is left alone and only reported.
 */
export interface TopologyChange {
  kind: 'create' | 'update' | 'immutable' | 'same' | 'undeclared';
  /** `stream MESSAGES`, `consumer MESSAGES/workers` */
  object: string;
  type: 'stream' | 'consumer';
  stream: string;
  /** Of the consumer; absent for a stream. */
  consumer?: string;
  /** For `update` and `immutable`: the field as devenv.yaml spells it, with both values as text. */
  field?: string;
  declared?: string;
  live?: string;
  /** The update would lose messages: stored ones, or ones that are captured today and would not be tomorrow. */
  dangerous: boolean;
  /** A sentence that says why. */
  reason: string;
}

/** What one field's comparison yields, before it is attached to its object. */
export type FieldDifference = Pick<
  TopologyChange,
  'kind' | 'field' | 'declared' | 'live' | 'dangerous' | 'reason'
>;

/** One field that differs and can be changed without loss. */
export const update = (field: string, declared: string, live: string): FieldDifference => ({
  kind: 'update',
  field,
  declared,
  live,
  dangerous: false,
  reason: `${field} differs`,
});

/** The same, but the change would lose messages, as `reason` says. */
export const dangerous = (
  field: string,
  declared: string,
  live: string,
  reason: string,
): FieldDifference => ({
  ...update(field, declared, live),
  dangerous: true,
  reason,
});

export const immutable = (
  field: string,
  declared: string,
  live: string,
  reason: string,
): FieldDifference => ({
  kind: 'immutable',
  field,
  declared,
  live,
  dangerous: false,
  reason,
});

/** Values are compared, not their texts: those may be rounded. */
export const plain = <T>(
  field: string,
  declared: T,
  live: T,
  show: (value: T) => string,
): FieldDifference | undefined => (declared === live ? undefined : update(field, show(declared), show(live)));
