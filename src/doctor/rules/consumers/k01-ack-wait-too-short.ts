import { formatDuration } from '../../../topology/durations.ts';
import { defineRule } from '../../rule.ts';
import { workedConsumers } from './declared-work.ts';
import { effectiveAckWait } from './effective-ack-wait.ts';

export const k01AckWaitTooShort = defineRule({
  id: 'K01',
  title: 'ack_wait is shorter than the handler',
  severity: 'error',
  meaning: 'The server delivers a message again while its first delivery is still being handled.',
  cause:
    'ack_wait is the time between delivery and ack. When a handler takes longer, the server delivers the message again ' +
    'to whoever asks next, another worker or the same one, while the first is still busy. Its late ack "succeeds" for ' +
    'the client, which waits for no answer. With a backoff its steps take the place of ack_wait, the first step for ' +
    'the first delivery.',
  fix:
    'Give ack_wait (or every step of the backoff) more time than the slowest message takes, twice that for safety. A ' +
    'handler whose time has no bound says working() at least every half ack_wait instead: declare extends_ack_wait.',
  symptoms: [
    'a late ack "succeeds", yet the message comes again',
    'Redelivered Messages:',
    'num_redelivered',
  ],
  *static(facts) {
    for (const { worked, consumer } of workedConsumers(facts)) {
      const { handlerTime, extendsAckWait } = worked.work;
      if (handlerTime === undefined || extendsAckWait === true) continue;
      const { ms, backoffStep } = effectiveAckWait(consumer);
      if (handlerTime <= ms) continue;
      const field = backoffStep === undefined ? 'ackWait' : 'backoff';
      const waits =
        backoffStep === undefined
          ? `waits ${formatDuration(ms)} for an ack`
          : `waits ${formatDuration(ms)} for an ack, as step ${backoffStep + 1} of its backoff says`;
      const longer = consumer.duration(2 * handlerTime);
      yield {
        place: consumer.isWritten(field) ? consumer.place(field, backoffStep) : worked.place('handler_time'),
        cause: `${consumer.title} ${waits}, and ${worked.actor.title} takes up to ${formatDuration(handlerTime)} for one message.`,
        fix:
          `Write ${consumer.spelling(field)}: ${field === 'backoff' ? `steps of ${longer} or more` : longer}, or let the ` +
          'handler say working() while it runs and declare extends_ack_wait: true.',
      };
    }
  },
});
