import { createHash, randomUUID } from 'node:crypto';
import { DEAD_LETTER_ROOM } from '../dead-letter-headers.ts';
import { ENTITY_NAME } from '../entities/declaration.ts';
import { encodeEnvelope, isObject } from '../envelope.ts';
import { errorText } from '../message-status.ts';
import { Problem } from './problem.ts';

/** A message on its way: its status row and what will be published. */
export interface Submission {
  messageId: string;
  entityType: string;
  receivedAt: string;
  source: string | undefined;
  /** `Nats-Msg-Id`: the client's key, or the message id. */
  deduplicationId: string;
  payload: Buffer;
  trace: Readonly<Record<string, string>>;
}

/** What a request says about its message beside the body. */
export interface SubmissionContext {
  entityType?: string | undefined;
  idempotencyKey?: string | undefined;
  source?: string | undefined;
  trace: Readonly<Record<string, string>>;
  receivedAt: string;
}

export interface SubmissionLimits {
  /** NATS `max_payload` in bytes. */
  maxPayload: number;
  /** Declared entity names; empty = any, because then the worker is somebody else's. */
  entityNames: ReadonlySet<string>;
}

/** Posted text → a message that can be stored and published. Throws a Problem that says what is wrong with it. */
export function prepareSubmission(
  text: string,
  context: SubmissionContext,
  limits: SubmissionLimits,
): Submission {
  const entityType = entityTypeOf(parseObject(text), context.entityType, limits.entityNames);
  const key = context.idempotencyKey;
  if (key !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(key)) {
    throw new Problem(
      'INVALID_IDEMPOTENCY_KEY',
      'Idempotency-Key must be 1 to 255 printable ASCII characters',
    );
  }
  const messageId = key === undefined ? randomUUID() : idOfKey(key);
  const { receivedAt, source, trace } = context;
  const payload = Buffer.from(
    encodeEnvelope(
      {
        message_id: messageId,
        entity_type: entityType,
        received_at: receivedAt,
        ...(source === undefined ? {} : { source }),
      },
      text,
    ),
  );
  const deduplicationId = key ?? messageId;
  const size = payload.length + headerBytes(deduplicationId, trace);
  const limit = limits.maxPayload - DEAD_LETTER_ROOM;
  if (size > limit) {
    throw new Problem(
      'TOO_LARGE',
      `the message is ${size} bytes with its envelope; NATS takes ${limit} here`,
    );
  }
  return { messageId, entityType, receivedAt, source, deduplicationId, payload, trace };
}

function parseObject(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new Problem('INVALID_JSON', text.trim() === '' ? 'the body is empty' : errorText(error));
  }
  if (!isObject(body)) throw new Problem('INVALID_JSON', 'expected a JSON object');
  return body;
}

function entityTypeOf(
  body: Record<string, unknown>,
  header: string | undefined,
  known: ReadonlySet<string>,
): string {
  const type = Object.hasOwn(body, 'entity_type') ? body.entity_type : header;
  if (type === undefined || type === '') {
    throw new Problem(
      'INVALID_ENTITY_TYPE',
      'no entity type: expected "entity_type" in the body or an x-entity-type header',
    );
  }
  if (typeof type !== 'string' || !ENTITY_NAME.test(type)) {
    throw new Problem(
      'INVALID_ENTITY_TYPE',
      'entity_type must be a name of up to 64 letters, digits, "-" and "_"',
    );
  }
  if (known.size > 0 && !known.has(type)) {
    throw new Problem(
      'INVALID_ENTITY_TYPE',
      `no entity "${type}" is declared; declared are: ${[...known].join(', ')}`,
    );
  }
  return type;
}

/** The same key always means the same message, so its id is made from the key (in the manner of RFC 9562, version 8). */
export function idOfKey(key: string): string {
  const bytes = createHash('sha256').update('idempotency-key:').update(key).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Upper bound of what the headers add: NATS counts them as payload. */
function headerBytes(id: string, trace: Readonly<Record<string, string>>): number {
  let bytes = 100 + id.length;
  for (const [name, value] of Object.entries(trace)) bytes += name.length + value.length + 4;
  return bytes;
}
