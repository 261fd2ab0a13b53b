/** Headers of a message in the dead letter stream; the payload is the original one, byte for byte. */
export const DEAD_LETTER_HEADERS = {
  error: 'Dlq-Error',
  deliveries: 'Dlq-Deliveries',
  stream: 'Dlq-Original-Stream',
  sequence: 'Dlq-Original-Sequence',
  subject: 'Dlq-Original-Subject',
  /** `true` when the original leaves no room for these headers below max_payload; read it from the original stream. */
  truncated: 'Dlq-Truncated',
} as const;

/**
 * Room that the API leaves below NATS `max_payload`, so that a message it accepted can still be dead-lettered with its
 * headers (the error is at most 1000 characters).
 */
export const DEAD_LETTER_ROOM = 4096;

/** W3C trace context and our own correlation: passed from the request to the message to the dead letter. */
export const TRACE_HEADERS = ['traceparent', 'tracestate', 'baggage'] as const;
