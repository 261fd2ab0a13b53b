import { consumerTitle, counted, object, streamsOf } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** K03: as many messages are unacked as may be, so no more are delivered. */
export const k03Stalled = defineRule({
  id: 'K03',
  title: 'consumer is stalled at max_ack_pending',
  severity: 'warning',
  meaning:
    'As many messages are delivered and unacked as max_ack_pending allows, so the server delivers nothing more.',
  cause:
    'max_ack_pending counts over all workers of a consumer. When workers take messages and do not ack them (a handler that hangs, a crash, acks ' +
    'that are not permitted), the consumer stands still until ack_wait runs out, and adding workers does not help.',
  fix: 'See why messages are not acked. When the handlers are fine and merely many, raise max_ack_pending to workers × messages fetched at once, or more.',
  symptoms: [
    'messages are pending and workers get none',
    'num_ack_pending = max_ack_pending',
    '409 Exceeded MaxAckPending',
  ],
  matches: [/exceeded maxackpending/i],
  *live(facts) {
    for (const { account, consumers } of streamsOf(facts)) {
      for (const consumer of consumers) {
        const { ackPending, maxAckPending, pending, redelivered } = consumer;
        if (maxAckPending <= 0 || ackPending < maxAckPending) continue;
        yield {
          place: object(consumerTitle(facts, account, consumer)),
          cause: `${consumer.stream}/${consumer.name} has ${counted(ackPending, 'unacked message')}, as many as max_ack_pending allows; ${pending} more ${pending === 1 ? 'waits' : 'wait'}${redelivered > 0 ? `, and ${counted(redelivered, 'message')} came more than once` : ''}.`,
          fix: `Look at the logs of its workers for a handler that hangs; else raise max_ack_pending of ${consumer.name} above ${maxAckPending}.`,
          symptom: `num_ack_pending = max_ack_pending = ${maxAckPending}`,
        };
      }
    }
  },
});
