/** Headers that the shipped worker gives a dead letter; part of its contract, so they stand here a second time. */
export const DEAD_LETTER = {
  error: 'Dlq-Error',
  deliveries: 'Dlq-Deliveries',
  stream: 'Dlq-Original-Stream',
  sequence: 'Dlq-Original-Sequence',
  subject: 'Dlq-Original-Subject',
} as const;
