import type { LiveFacts } from '../facts.ts';
import type { Report } from '../finding.ts';
import { consumerTitle, counted, object, streamsOf } from './readings.ts';

/**
 * Messages that a consumer has given up. The server keeps counting a message as redelivered until somebody acks or terms
 * it, and counts it as unacked no more once max_deliver is reached (seen on 2.9.10, 2.10.27 and 2.15.1); so what is
 * redelivered and not unacked was given up. At least so many: a message may be unacked on its first delivery.
 */
export function* givenUpLive(facts: LiveFacts): Iterable<Report> {
  for (const { account, stream, consumers } of streamsOf(facts)) {
    for (const consumer of consumers) {
      const count = Math.min(consumer.redelivered - consumer.ackPending, stream.messages);
      if (consumer.maxDeliver <= 0 || consumer.ackPolicy === 'none' || count <= 0) continue;
      yield {
        place: object(consumerTitle(facts, account, consumer)),
        cause: `${consumer.stream}/${consumer.name} has given up ${counted(count, 'message')} or more after ${counted(consumer.maxDeliver, 'delivery', 'deliveries')}: they stay in ${stream.name}, and count neither as pending (${consumer.pending}) nor as unacked (${consumer.ackPending}).`,
        fix: `Read them from ${stream.name} and publish them again once the handler is mended; let the worker publish to a stream for dead letters on the last delivery, so that this is seen at once.`,
        symptom: `a message is in ${stream.name}, and the consumer shows nothing pending and nothing unacked`,
      };
    }
  }
}
