import { describe, expect, it } from 'vitest';
import { r04RaisingMaxBytes } from '../../../../src/doctor/rules/resources/r04-raising-max-bytes.ts';
import { liveStream, ORDERS, said, topologyOf } from './topology-facts.ts';

const MIB = 1024 ** 2;
const raisedTo = (mib: number) => ({
  topology: topologyOf({ streams: [{ ...ORDERS, maxBytes: mib * MIB }] }),
});

describe('R04, live', () => {
  it('does the sum that the server would do at the update', () => {
    expect(said(r04RaisingMaxBytes, { ...raisedTo(48), reserved: [40 * MIB] })).toEqual([
      'error stream ORDERS: Stream ORDERS has max_bytes 8MiB and is declared with 48MiB: 40MiB more would be reserved, and 24MiB are left.',
    ]);
  });

  it('counts everything for a stream that reserves nothing yet', () => {
    const streams = { ok: true as const, value: [liveStream({ maxBytes: -1 })] };
    expect(said(r04RaisingMaxBytes, { ...raisedTo(30), streams, reserved: [40 * MIB] })).toEqual([
      expect.stringContaining('has max_bytes without limit and is declared with 30MiB: 30MiB more'),
    ]);
  });

  it('takes the server with the most room, and leaves out those that do not answer', () => {
    const full = { ...raisedTo(48), reserved: [60 * MIB, null, 63 * MIB] };
    expect(said(r04RaisingMaxBytes, full)[0]).toContain('and 4MiB are left');
  });

  it.each([
    ['a raise that fits exactly', { ...raisedTo(32), reserved: [40 * MIB] }],
    ['a server with room', { ...raisedTo(48), reserved: [60 * MIB, 8 * MIB] }],
    ['a smaller max_bytes', { ...raisedTo(4), reserved: [64 * MIB] }],
    ['the same max_bytes in a full store', { reserved: [64 * MIB] }],
    ['servers that do not answer', { ...raisedTo(48), reserved: [null] }],
    [
      'streams that could not be read',
      { ...raisedTo(48), reserved: [64 * MIB], streams: { ok: false as const, reason: 'x' } },
    ],
  ])('says nothing of %s', (_what, given) => {
    expect(said(r04RaisingMaxBytes, given)).toEqual([]);
  });
});
