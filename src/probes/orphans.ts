import { connectNats, type NatsClient } from '../adapters/nats.ts';
import { connectPostgres } from '../adapters/postgres.ts';
import { until } from './hops.ts';
import type { Mark } from './marks.ts';
import type { ProbeContext } from './probe.ts';
import { deleteRowsOf } from './rows.ts';
import { idsIn } from './run.ts';
import { findTarget } from './target.ts';

const CONNECT_MS = 2_000;
const AGAIN_MS = 100;
/** A run sends for a minute at most, and what the API had taken then is stored within seconds. */
const SENDS_WITHIN_MS = 5 * 60_000;

/** How many of each were removed. */
export interface Removed {
  messages: number;
  rows: number;
}

/**
 * Removes what a run left that was killed: its messages first, so that no worker makes its rows again. What others
 * sent meanwhile is passed over. Tries again until the signal ends it, for the servers may be electing after a kill;
 * then throws what stood in the way last.
 */
export async function removeOrphan(
  mark: Mark,
  context: Pick<ProbeContext, 'topology' | 'endpoints'>,
  signal: AbortSignal,
): Promise<Removed> {
  // Kept from one try to the next: once a message is gone nothing else leads to its status row.
  const removed = { messages: 0, rows: 0 };
  const messageIds = new Set(mark.messageIds);
  let last: unknown;
  return until(
    signal,
    async () => {
      try {
        await removeOnce(mark, context, { removed, messageIds, signal });
        return removed;
      } catch (error) {
        last = signal.aborted ? (last ?? error) : error;
        return undefined;
      }
    },
    AGAIN_MS,
  ).catch((error: unknown) => {
    throw last ?? error;
  });
}

async function removeOnce(
  mark: Mark,
  { topology, endpoints }: Pick<ProbeContext, 'topology' | 'endpoints'>,
  { removed, messageIds, signal }: { removed: Removed; messageIds: Set<string>; signal: AbortSignal },
): Promise<void> {
  const options = { signal, timeoutMs: CONNECT_MS, name: 'devenv-probe' };
  const target = findTarget({ topology, endpoints });
  await using nats = await connectNats(endpoints.nats, options);
  for (const place of mark.places) {
    // What was taken while nobody worked may become a dead letter at any later time.
    const isDeadLetters = !('skip' in target) && place.stream === target.names.dlqStream;
    const untilMs = isDeadLetters ? Number.POSITIVE_INFINITY : Date.parse(mark.since) + SENDS_WITHIN_MS;
    await removeMessages(nats, mark.key, place, { untilMs, removed, messageIds, signal });
  }
  // Without the shipped pipeline there are no tables of it.
  if ('skip' in target) return;
  await using database = await connectPostgres(endpoints.databaseUrl, options);
  removed.rows += await deleteRowsOf(database, target, mark.key, [...messageIds]);
}

async function removeMessages(
  nats: NatsClient,
  key: string,
  { stream, subject, afterSeq }: Mark['places'][number],
  options: { untilMs: number; removed: Removed; messageIds: Set<string>; signal: AbortSignal },
): Promise<void> {
  const { untilMs, removed, messageIds, signal } = options;
  if ((await nats.getStream(stream)) === null) return;
  for (let fromSeq = afterSeq + 1; ; ) {
    signal.throwIfAborted();
    const message = await nats.getMessage(stream, { fromSeq, subject });
    if (message === null || Date.parse(message.at) > untilMs) return;
    fromSeq = message.seq + 1;
    if (!message.text.includes(key)) continue;
    for (const id of idsIn(message.text)) messageIds.add(id);
    await remove(nats, stream, message.seq);
    removed.messages += 1;
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
