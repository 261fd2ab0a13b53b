import { requestHttp } from '../adapters/http.ts';
import type { Target } from './target.ts';

/** What `GET /ingest/status/:id` answers; the fields that the probes look at. */
export interface MessageStatus {
  status: string;
  retry_count: number;
  error_message: string | null;
  processed_at: string | null;
}

const REQUEST_MS = 3_000;

/** Posts a body; returns the id it was accepted under. Anything but 202 with an id is an error with the answer. */
export async function post(
  { api }: Target,
  body: unknown,
  { signal, idempotencyKey }: { signal: AbortSignal; idempotencyKey?: string },
): Promise<string> {
  const { status, text } = await requestHttp(`${api.url}/ingest/message`, {
    signal,
    timeoutMs: REQUEST_MS,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    body: JSON.stringify(body),
  });
  const id = status === 202 ? field(text, 'message_id') : undefined;
  if (typeof id !== 'string') {
    throw new Error(`expected 202 with a message_id, got ${status} ${text.slice(0, 300)}`);
  }
  return id;
}

export async function statusOf(
  { api }: Target,
  messageId: string,
  signal: AbortSignal,
): Promise<MessageStatus> {
  const answer = await requestHttp(`${api.url}/ingest/status/${messageId}`, {
    signal,
    timeoutMs: REQUEST_MS,
  });
  if (answer.status !== 200) {
    throw new Error(`expected 200 from /ingest/status, got ${answer.status} ${answer.text.slice(0, 300)}`);
  }
  return {
    status: String(field(answer.text, 'status')),
    retry_count: Number(field(answer.text, 'retry_count')),
    error_message: textOrNull(field(answer.text, 'error_message')),
    processed_at: textOrNull(field(answer.text, 'processed_at')),
  };
}

function field(text: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
