/**
 * One difference between declared and live, or one object without any:
 * - `create`: declared, not there. `same`: declared, there, equal.
 * - `update`: a field differs and the server can change it. `immutable`: it cannot; the object must be made anew.
 * - `undeclared`: there, not declared. It is left alone and only reported.
 * - `orphaned`: a live consumer none of whose filters matches anything that its stream will capture.
 */
export interface TopologyChange {
  kind: 'create' | 'update' | 'immutable' | 'same' | 'undeclared' | 'orphaned';
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
  /** The doctor's rule that explains it. */
  rule?: string;
  /** For `immutable`: what goes when the object is made anew: `12 messages (3KiB)`; absent when that is nothing. */
  cost?: string;
}

/** What one field's comparison yields, before it is attached to its object. */
export type FieldDifference = Pick<
  TopologyChange,
  'kind' | 'field' | 'declared' | 'live' | 'dangerous' | 'reason' | 'rule' | 'cost'
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
  rule?: string,
): FieldDifference => ({
  ...update(field, declared, live),
  dangerous: true,
  reason,
  ...(rule !== undefined && { rule }),
});

export const immutable = (
  field: string,
  declared: string,
  live: string,
  { reason, rule, cost }: { reason: string; rule: string; cost: string | undefined },
): FieldDifference => ({
  kind: 'immutable',
  field,
  declared,
  live,
  dangerous: false,
  reason,
  rule,
  ...(cost !== undefined && { cost }),
});

/** Values are compared, not their texts: those may be rounded. */
export const plain = <T>(
  field: string,
  declared: T,
  live: T,
  show: (value: T) => string,
): FieldDifference | undefined => (declared === live ? undefined : update(field, show(declared), show(live)));
