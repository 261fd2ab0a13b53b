/** Seconds that a client is asked to wait before it tries again. */
const RETRY_AFTER = '1';

export type ProblemCode =
  | 'INVALID_JSON'
  | 'INVALID_ENTITY_TYPE'
  | 'INVALID_IDEMPOTENCY_KEY'
  | 'INVALID_MESSAGE_ID'
  | 'INVALID_REQUEST'
  | 'NOT_FOUND'
  | 'TOO_LARGE'
  | 'STREAM_FULL'
  | 'NATS_UNAVAILABLE'
  | 'DATABASE_UNAVAILABLE'
  | 'INTERNAL';

const STATUSES: Readonly<Record<ProblemCode, number>> = {
  INVALID_JSON: 400,
  INVALID_ENTITY_TYPE: 400,
  INVALID_IDEMPOTENCY_KEY: 400,
  INVALID_MESSAGE_ID: 400,
  INVALID_REQUEST: 400,
  NOT_FOUND: 404,
  TOO_LARGE: 413,
  STREAM_FULL: 503,
  NATS_UNAVAILABLE: 503,
  DATABASE_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** A request that is refused: what the client sees as `{error, message}`. 503 means that nothing was done. */
export class Problem extends Error {
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string) {
    super(message);
    this.name = 'Problem';
    this.code = code;
    // A refusal under load must not cost a stack trace.
    this.stack = '';
  }

  get status(): number {
    return STATUSES[this.code];
  }

  get headers(): Record<string, string> {
    return this.status === 503 ? { 'retry-after': RETRY_AFTER } : {};
  }

  toJSON(): { error: ProblemCode; message: string } {
    return { error: this.code, message: this.message };
  }
}
