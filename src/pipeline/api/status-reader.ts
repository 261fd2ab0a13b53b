import { type Database, isOutage } from '../database.ts';
import { errorText, type MessageStatus } from '../message-status.ts';
import { Problem } from './problem.ts';

/** What `GET /ingest/status/:message_id` answers; times are ISO 8601. */
export interface StatusReport {
  message_id: string;
  entity_type: string;
  status: MessageStatus;
  received_at: string;
  processed_at: string | null;
  retry_count: number;
  error_message: string | null;
}

export type StatusReader = (messageId: string) => Promise<StatusReport | undefined>;

/** Throws a DATABASE_UNAVAILABLE Problem when Postgres does not answer. */
export const createStatusReader =
  (database: Database): StatusReader =>
  async (messageId) => {
    try {
      const { rows } = await database.query<StatusReport & { received_at: Date; processed_at: Date | null }>({
        name: 'read status',
        text: `SELECT message_id, entity_type, status, received_at, processed_at, retry_count, error_message
FROM message_status WHERE message_id = $1`,
        values: [messageId],
      });
      return rows[0];
    } catch (error) {
      if (!isOutage(error)) throw error;
      throw new Problem('DATABASE_UNAVAILABLE', `Postgres is away: ${errorText(error)}`);
    }
  };
