import { describe, expect, it } from 'vitest';
import { s09ConsumerDescribedTwice } from '../../../../src/doctor/rules/streams/s09-consumer-described-twice.ts';
import type { LiveConsumer } from '../../../../src/topology/live.ts';
import { liveConsumer, liveStream, said } from './topology-facts.ts';

const withConsumer = (parts: Partial<LiveConsumer>) => ({
  consumers: { ok: true as const, value: [liveConsumer(parts)] },
});

describe('S09, live', () => {
  it('names what somebody has changed in a durable consumer', () => {
    expect(said(s09ConsumerDescribedTwice, withConsumer({ ackWait: 5_000, maxDeliver: -1 }))).toEqual([
      'warning consumer ORDERS/billing: consumer ORDERS/billing has ack_wait 5s and is declared with 30s: ack_wait differs.',
      'warning consumer ORDERS/billing: consumer ORDERS/billing has max_deliver no limit and is declared with 5: max_deliver differs.',
    ]);
  });

  it('is an error where the server cannot change it back, with what that costs', () => {
    expect(
      said(s09ConsumerDescribedTwice, withConsumer({ liveDeliverPolicy: 'new', deliverPolicy: 'new' })),
    ).toEqual([
      'error consumer ORDERS/billing: consumer ORDERS/billing has deliver_policy new and is declared with all: the server cannot change the deliver_policy of an existing consumer; made anew, it loses its position (delivered up to 3).',
    ]);
  });

  it.each([
    ['a consumer as declared', {}],
    [
      'a consumer of nobody',
      {
        consumers: { ok: true as const, value: [liveConsumer(), liveConsumer({ name: 'mine', ackWait: 1 })] },
      },
    ],
    ['a stream that differs', { streams: { ok: true as const, value: [liveStream({ maxAge: 5 })] } }],
  ])('says nothing of %s', (_what, given) => {
    expect(said(s09ConsumerDescribedTwice, given)).toEqual([]);
  });
});
