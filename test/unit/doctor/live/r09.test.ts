import { describe, expect, it } from 'vitest';
import { r09FullStream } from '../../../../src/doctor/rules/resources/r09-full-stream.ts';
import { got, live, liveConsumer, liveStream, MIB, said, someLiveFacts } from './facts.ts';

const inAccount = (
  stream: Parameters<typeof liveStream>[1],
  ...consumers: Parameters<typeof liveConsumer>[2][]
) =>
  someLiveFacts({
    accounts: [
      {
        account: '$G',
        streams: got([liveStream('ORDERS', stream)]),
        consumers: got(consumers.map((parts, at) => liveConsumer('ORDERS', `C${at}`, parts))),
      },
    ],
  });

describe('R09, a full stream', () => {
  it('refuses by number', () => {
    expect(
      said(live(r09FullStream, inAccount({ discard: 'new', maxMsgs: 3, messages: 3, bytes: 100 }))),
    ).toEqual([
      'stream ORDERS error: ORDERS holds all of the 3 messages that max_msgs allows and refuses more (discard: new).',
    ]);
  });

  it('refuses by size', () => {
    const full = { discard: 'new', maxBytes: MIB, messages: 10, bytes: MIB - 50_000 } as const;
    expect(said(live(r09FullStream, inAccount(full)))).toEqual([
      'stream ORDERS error: ORDERS holds 975.17KiB of max_bytes 1MiB: another message of usual size is refused (discard: new).',
    ]);
  });

  it('dropped messages before a consumer got them', () => {
    const facts = inAccount(
      { firstSeq: 10, lastSeq: 12, messages: 3 },
      { delivered: 4, ackFloor: 4, pending: 3 },
    );
    expect(said(live(r09FullStream, facts))).toEqual([
      'consumer ORDERS/C0 warning: ORDERS begins at 10, and C0 has got messages up to 4: 5 messages in between were removed before anybody read them.',
    ]);
  });

  it('has room', () => {
    expect(live(r09FullStream, inAccount({ discard: 'new', maxMsgs: 3, messages: 2, bytes: 10 }))).toEqual(
      [],
    );
    expect(live(r09FullStream, inAccount({ discard: 'old', maxMsgs: 3, messages: 3 }))).toEqual([]);
  });

  it('dropped what was read, what was before the consumer, or what it filters out', () => {
    const stream = { firstSeq: 10, lastSeq: 12, messages: 3, subjects: ['orders.a', 'orders.b'] };
    const facts = inAccount(
      stream,
      { delivered: 9, ackFloor: 9 },
      // A new consumer: the server says that it has "got" everything before its first message, and has acked nothing.
      { delivered: 9, ackFloor: 0 },
      { delivered: 2, ackFloor: 2, filterSubjects: ['orders.b'] },
    );
    expect(live(r09FullStream, facts)).toEqual([]);
    const all = inAccount(stream, { delivered: 2, filterSubjects: ['orders.*'] });
    expect(live(r09FullStream, all)).toHaveLength(1);
  });
});
