import { describe, expect, it } from 'vitest';
import { k09NoDeadLetters } from '../../../../src/doctor/rules/consumers/k09-no-dead-letters.ts';
import { got, live, liveConsumer, liveStream, said, someLiveFacts } from './facts.ts';

const with_ = (messages: number, parts: Parameters<typeof liveConsumer>[2]) =>
  someLiveFacts({
    accounts: [
      {
        account: '$G',
        streams: got([liveStream('ORDERS', { messages })]),
        consumers: got([liveConsumer('ORDERS', 'C', parts)]),
      },
    ],
  });

describe('K09, messages that were given up', () => {
  it('are redelivered and no longer unacked', () => {
    expect(said(live(k09NoDeadLetters, with_(4, { maxDeliver: 2, redelivered: 3, ackPending: 1 })))).toEqual([
      'consumer ORDERS/C warning: ORDERS/C has given up 2 messages or more after 2 deliveries: they stay in ORDERS, ' +
        'and count neither as pending (0) nor as unacked (1).',
    ]);
  });

  it('are still being tried, for ever, or are no longer stored', () => {
    expect(live(k09NoDeadLetters, with_(4, { maxDeliver: 2, redelivered: 2, ackPending: 2 }))).toEqual([]);
    expect(live(k09NoDeadLetters, with_(4, { maxDeliver: -1, redelivered: 2, ackPending: 0 }))).toEqual([]);
    expect(live(k09NoDeadLetters, with_(0, { maxDeliver: 2, redelivered: 2, ackPending: 0 }))).toEqual([]);
  });
});
