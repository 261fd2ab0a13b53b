import { connectNats, type NatsClient } from '../adapters/nats.ts';
import { connectPostgres } from '../adapters/postgres.ts';
import type { Mark } from './marks.ts';
import type { ProbeContext } from './probe.ts';
import { deleteRowsOf } from './rows.ts';
import { idsIn } from './run.ts';
import { findTarget } from './target.ts';

const CONNECT_MS = 2_000;
/** A run sends for a minute at most, and what the API had taken then is stored within seconds. */
const SENDS_WITHIN_MS = 5 * 60_000;

/** How many of each were removed. */
export interface Removed {
  messages: number;
  rows: number;
}

/**
 * Removes what a run left that was killed: its messages first, so that no worker makes its rows again. What others
 * sent meanwhile is passed over.
 */
export async function removeOrphan(
  mark: Mark,
  context: Pick<ProbeContext, 'topology' | 'endpoints'>,
  signal: AbortSignal,
): Promise<Removed> {
  const options = { signal, timeoutMs: CONNECT_MS, name: 'devenv-probe' };
  const { endpoints } = context;
  const target = findTarget(context);
  const messageIds = new Set(mark.messageIds);
  await using nats = await connectNats(endpoints.nats, options);
  let messages = 0;
  for (const place of mark.places) {
    // What was taken while nobody worked may become a dead letter at any later time.
    const isDeadLetters = !('skip' in target) && place.stream === target.names.dlqStream;
    const until = isDeadLetters ? Number.POSITIVE_INFINITY : Date.parse(mark.since) + SENDS_WITHIN_MS;
    messages += await removeMessages(nats, mark.key, place, { until, messageIds, signal });
  }
  // Without the shipped pipeline there are no tables of it.
  if ('skip' in target) return { messages, rows: 0 };
  await using database = await connectPostgres(endpoints.databaseUrl, options);
  return { messages, rows: await deleteRowsOf(database, target, mark.key, [...messageIds]) };
}

async function removeMessages(
  nats: NatsClient,
  key: string,
  { stream, subject, afterSeq }: Mark['places'][number],
  { until, messageIds, signal }: { until: number; messageIds: Set<string>; signal: AbortSignal },
): Promise<number> {
  if ((await nats.getStream(stream)) === null) return 0;
  let removed = 0;
  for (let fromSeq = afterSeq + 1; ; ) {
    signal.throwIfAborted();
    const message = await nats.getMessage(stream, { fromSeq, subject });
    if (message === null || Date.parse(message.at) > until) return removed;
    fromSeq = message.seq + 1;
    if (!message.text.includes(key)) continue;
    for (const id of idsIn(message.text)) messageIds.add(id);
    await remove(nats, stream, message.seq);
    removed += 1;
  }
}

/** Another devenv may be at it as well. */
async function remove(nats: NatsClient, stream: string, seq: number): Promise<void> {
  try {
    await nats.deleteMessage(stream, seq);
  } catch (error) {
    if ((await nats.getMessage(stream, { seq })) !== null) throw error;
  }
}
