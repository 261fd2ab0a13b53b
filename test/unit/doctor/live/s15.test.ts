import { describe, expect, it } from 'vitest';
import { s15ImmutableField } from '../../../../src/doctor/rules/streams/s15-immutable-field.ts';
import type { LiveStream } from '../../../../src/topology/live.ts';
import { liveStream, ORDERS, said, topologyOf } from './topology-facts.ts';

const withStream = (parts: Partial<LiveStream>) => ({
  streams: { ok: true as const, value: [liveStream(parts)] },
});
const declaredInterest = { topology: topologyOf({ streams: [{ ...ORDERS, retention: 'interest' }] }) };

describe('S15, live', () => {
  it('says what the server cannot change and what making it anew costs', () => {
    expect(said(s15ImmutableField, withStream({ storage: 'memory' }))).toEqual([
      'error stream ORDERS: stream ORDERS has storage memory and is declared with file: the server cannot change the storage of an existing stream; made anew, it loses 3 messages (300B).',
    ]);
  });

  it('knows that later servers change limits to interest, and what that removes', () => {
    expect(said(s15ImmutableField, { ...declaredInterest, version: '2.9.10' })[0]).toContain(
      'cannot change the retention',
    );
    expect(said(s15ImmutableField, { ...declaredInterest, version: '2.10.27' })[0]).toMatch(
      /^error .* messages that no consumer waits for would be removed\.$/,
    );
  });

  it.each([
    ['a stream as declared', {}],
    ['another field', withStream({ maxAge: 5_000 })],
    ['other subjects', withStream({ subjects: ['x'] })],
  ])('says nothing of %s', (_what, given) => {
    expect(said(s15ImmutableField, given)).toEqual([]);
  });
});
