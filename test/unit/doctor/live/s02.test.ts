import { describe, expect, it } from 'vitest';
import { s02DescribedDifferently } from '../../../../src/doctor/rules/streams/s02-described-differently.ts';
import { liveConsumer, liveStream, said } from './topology-facts.ts';

describe('S02, live', () => {
  it('names each field in which a stream differs from its declaration', () => {
    expect(
      said(s02DescribedDifferently, {
        streams: { ok: true, value: [liveStream({ maxAge: 3_600_000, discard: 'new' })] },
      }),
    ).toEqual([
      'warning stream ORDERS: stream ORDERS has max_age 1h and is declared with for ever: max_age differs.',
      'warning stream ORDERS: stream ORDERS has discard new and is declared with old: discard differs.',
    ]);
  });

  it('is an error when the declared value would remove messages', () => {
    const streams = {
      ok: true as const,
      value: [liveStream({ messages: 9, bytes: 9 * 1024 ** 2, maxBytes: -1 })],
    };
    expect(said(s02DescribedDifferently, { streams })).toEqual([
      expect.stringMatching(/^error stream ORDERS: .* the oldest messages would be removed\.$/),
    ]);
  });

  it.each([
    ['a stream as declared', {}],
    [
      'a stream of nobody',
      { streams: { ok: true as const, value: [liveStream(), liveStream({ name: 'MINE' })] } },
    ],
    ['a consumer that differs', { consumers: { ok: true as const, value: [liveConsumer({ ackWait: 1 })] } }],
    ['streams that could not be read', { streams: { ok: false as const, reason: 'timeout' } }],
    ['consumers that could not be read', { consumers: { ok: false as const, reason: 'timeout' } }],
  ])('says nothing of %s', (_what, given) => {
    expect(said(s02DescribedDifferently, given)).toEqual([]);
  });
});
