import type { StoredMsg } from '@nats-io/jetstream';

export interface StoredMessage {
  stream: string;
  subject: string;
  seq: number;
  /** Raw body as text; bytes that are no UTF-8 are replaced. */
  text: string;
  headers: Readonly<Record<string, string>>;
  /** ISO 8601, when the stream stored it. */
  at: string;
}

export function storedMessage(stream: string, message: StoredMsg): StoredMessage {
  const headers: Record<string, string> = {};
  for (const [name, values] of message.header) headers[name] = values.join(', ');
  return {
    stream,
    subject: message.subject,
    seq: message.seq,
    text: message.string(),
    headers,
    at: message.time.toISOString(),
  };
}
