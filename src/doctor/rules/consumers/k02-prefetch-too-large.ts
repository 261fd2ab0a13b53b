import { formatDuration } from '../../../topology/durations.ts';
import { defineRule } from '../../rule.ts';
import { workedConsumers } from './declared-work.ts';
import { effectiveAckWait } from './effective-ack-wait.ts';

export const k02PrefetchTooLarge = defineRule({
  id: 'K02',
  title: 'a fetched batch outlives ack_wait',
  severity: 'error',
  meaning: 'The last messages of a batch are delivered again before their turn comes.',
  cause:
    'ack_wait runs for every message of a batch from the moment in which the batch is delivered, also while it waits in ' +
    'the memory of the client. A program that handles one after another reaches the last one only after the time for ' +
    'all before it; working() helps the message in hand and none of those that wait.',
  fix:
    'Fetch no more messages at once than can be handled within ack_wait, or raise ack_wait. max_ack_pending bounds the ' +
    'batch too, for all programs at the consumer together.',
  symptoms: ['most of a batch is delivered twice', 'num_redelivered grows with every batch'],
  *static(facts) {
    for (const { worked, consumer } of workedConsumers(facts)) {
      const { handlerTime, prefetch, extendsAckWait = false } = worked.work;
      if (handlerTime === undefined || prefetch === undefined) continue;
      const most = consumer.fields.maxAckPending ?? -1;
      const batch = most > 0 ? Math.min(prefetch, most) : prefetch;
      // The message in hand can be extended; it is the one before the last whose end the last one waits for.
      const handled = extendsAckWait ? batch - 1 : batch;
      const { ms } = effectiveAckWait(consumer);
      if (batch < 2 || handled * handlerTime <= ms) continue;
      const fits = Math.max(1, Math.floor(ms / handlerTime) + (extendsAckWait ? 1 : 0));
      yield {
        place: worked.place('prefetch'),
        cause:
          `${worked.actor.title} has up to ${batch} messages of ${consumer.title} in hand, which takes ` +
          `${formatDuration(batch * handlerTime)} at ${formatDuration(handlerTime)} each, and the server waits ` +
          `${formatDuration(ms)} for each ack.`,
        fix: `Write prefetch: ${fits}, or an ${consumer.spelling('ackWait')} of more than ${consumer.duration(batch * handlerTime)}.`,
      };
    }
  },
});
