import { jetstreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../logger.ts';
import { errorText } from '../message-status.ts';
import type { NatsLink } from '../nats-link.ts';
import type { Breaker } from './breaker.ts';
import type { DeadLetters } from './dead-letters.ts';
import { envelopeOf, type Parsers, readContent } from './delivery.ts';
import type { InHand } from './in-hand.ts';
import type { Store } from './store.ts';

export interface ExhaustedParts {
  stream: string;
  consumer: string;
  link: NatsLink;
  deadLetters: DeadLetters;
  inHand: InHand;
  store: Store;
  breaker: Breaker;
  parsers: Parsers;
  log: Logger;
}

/**
 * A worker that dies during the last delivery never gets to dead-letter it, and the server delivers no more. It does
 * publish an advisory; whichever worker hears it reads the message off the stream and buries it.
 */
export function watchExhausted(parts: ExhaustedParts): void {
  const subject = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${parts.stream}.${parts.consumer}`;
  let watched: NatsConnection | undefined;
  parts.link.onUp((connection) => {
    if (watched === connection) return;
    watched = connection;
    connection.subscribe(subject, {
      queue: parts.consumer,
      callback: (error, message) => {
        if (error === null) void bury(parts, connection, message);
      },
    });
  });
}

async function bury(parts: ExhaustedParts, connection: NatsConnection, advisory: Msg): Promise<void> {
  const { stream, deadLetters, inHand, store, breaker, parsers, log } = parts;
  try {
    const { stream_seq: sequence, deliveries } = advisory.json<{ stream_seq: number; deliveries: number }>();
    if (inHand.holdsSequence(sequence)) return;
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const stored = await manager.streams.getMessage(stream, { seq: sequence });
    if (stored === null) return;
    const content = readContent(stored.data, parsers);
    const messageId = envelopeOf({ content })?.message_id;
    const status = messageId && (await breaker.run(() => store.statusOf(messageId)));
    // Done after all, and only the ack was lost.
    if (status === 'completed' || status === 'dlq') return;
    const error = content.kind === 'valid' ? `no answer in ${deliveries} deliveries` : content.error;
    const { subject, data, header: headers } = stored;
    await deadLetters.publish({ stream, sequence, subject, deliveries, error, data, headers });
    if (messageId) await breaker.run(() => store.recordFailures([{ messageId, status: 'dlq', error }]));
    log.warn({ sequence, deliveries, message_id: messageId }, 'exhausted message dead-lettered');
  } catch (error) {
    log.error({ reason: errorText(error) }, 'cannot dead-letter an exhausted message');
  }
}
