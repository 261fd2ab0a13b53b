import { ENTITY_NAME } from './entities/declaration.ts';
import { UUID } from './message-status.ts';

/** What travels on the stream. `received_at` is ISO 8601, `body` is the posted JSON object, untouched. */
export interface Envelope {
  message_id: string;
  entity_type: string;
  received_at: string;
  source?: string;
  body: Readonly<Record<string, unknown>>;
}

/**
 * The envelope as JSON text. `rawBody` is the posted text, already known to be a JSON object: it is spliced in as it
 * came, because writing it again from the parsed value would cost as much as parsing and change its numbers.
 */
export function encodeEnvelope(envelope: Omit<Envelope, 'body'>, rawBody: string): string {
  const { message_id, entity_type, received_at, source } = envelope;
  const origin = source === undefined ? '' : `,"source":${JSON.stringify(source)}`;
  return `{"message_id":"${message_id}","entity_type":"${entity_type}","received_at":"${received_at}"${origin},"body":${rawBody}}`;
}

export type Decoded = { ok: true; envelope: Envelope } | { ok: false; error: string };

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes from the stream, which anybody may have written, → an envelope or why they are none. */
export function decodeEnvelope(bytes: Uint8Array): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    return refuse(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(value)) return refuse('not an envelope: expected a JSON object');
  const { message_id, entity_type, received_at, source, body } = value;
  if (typeof message_id !== 'string' || !UUID.test(message_id)) {
    return refuse('not an envelope: message_id is not a UUID');
  }
  if (typeof entity_type !== 'string' || !ENTITY_NAME.test(entity_type)) {
    return refuse('not an envelope: entity_type is not a name');
  }
  if (
    typeof received_at !== 'string' ||
    !ISO_TIME.test(received_at) ||
    Number.isNaN(Date.parse(received_at))
  ) {
    return refuse('not an envelope: received_at is not an ISO 8601 time');
  }
  if (source !== undefined && typeof source !== 'string')
    return refuse('not an envelope: source is not a string');
  if (!isObject(body)) return refuse('not an envelope: body is not a JSON object');
  const rest = source === undefined ? {} : { source };
  return {
    ok: true,
    envelope: { message_id: message_id.toLowerCase(), entity_type, received_at, body, ...rest },
  };
}

const refuse = (error: string): Decoded => ({ ok: false, error });

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
