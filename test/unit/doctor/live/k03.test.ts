import { describe, expect, it } from 'vitest';
import { k03Stalled } from '../../../../src/doctor/rules/consumers/k03-stalled.ts';
import { got, live, liveConsumer, liveStream, said, someLiveFacts } from './facts.ts';

const with_ = (parts: Parameters<typeof liveConsumer>[2]) =>
  someLiveFacts({
    accounts: [
      {
        account: '$G',
        streams: got([liveStream('ORDERS')]),
        consumers: got([liveConsumer('ORDERS', 'C', parts)]),
      },
    ],
  });

describe('K03, unacked messages', () => {
  it('are as many as may be', () => {
    expect(
      said(live(k03Stalled, with_({ maxAckPending: 2, ackPending: 2, pending: 1, redelivered: 1 }))),
    ).toEqual([
      'consumer ORDERS/C warning: ORDERS/C has 2 unacked messages, as many as max_ack_pending allows; 1 more waits, and 1 message came more than once.',
    ]);
  });

  it('are fewer, or not limited', () => {
    expect(live(k03Stalled, with_({ maxAckPending: 3, ackPending: 2 }))).toEqual([]);
    expect(live(k03Stalled, with_({ maxAckPending: -1, ackPending: 2 }))).toEqual([]);
  });
});
