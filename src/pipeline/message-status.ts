/// <reference lib="es2024.string" />
/**
 * The one table that says where a message is. Status only moves forward: `pending → processing → completed`, or
 * `→ failed` (will be retried, so back to `processing`) `→ dlq`. `completed` and `dlq` are final.
 */
export const MESSAGE_STATUS_DDL = `CREATE TABLE IF NOT EXISTS message_status (
  message_id uuid PRIMARY KEY,
  entity_type text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'dlq')),
  received_at timestamptz NOT NULL,
  processed_at timestamptz,
  retry_count integer NOT NULL DEFAULT 0,
  error_message text,
  source text
) WITH (fillfactor = 50)`;
// The fill factor leaves room on each page for the two updates that every row gets; they then touch no index.

export const STATUSES = ['pending', 'processing', 'completed', 'failed', 'dlq'] as const;
export type MessageStatus = (typeof STATUSES)[number];

export const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** An error message that Postgres can store and a header can carry: one line, no NUL, not endless. */
export const errorText = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .slice(0, 1000)
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go
    .replaceAll(/[\u0000-\u001f\u007f]+/g, ' ');
