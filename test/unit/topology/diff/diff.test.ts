import { describe, expect, it } from 'vitest';
import { diffTopology, type TopologyChange } from '../../../../src/topology/diff.ts';
import type { LiveConsumer, LiveStream } from '../../../../src/topology/live.ts';
import type { Consumer, Stream } from '../../../../src/topology/model.ts';

const HOUR = 3_600_000;

const stream: Stream = {
  name: 'MESSAGES',
  account: '$G',
  subjects: ['messages.ingest.>'],
  storage: 'file',
  retention: 'limits',
  discard: 'old',
  maxBytes: 1_000_000,
  maxAge: 24 * HOUR,
  maxMsgs: -1,
  maxMsgSize: -1,
  duplicateWindow: 120_000,
  replicas: 1,
  placement: [],
};

const live = (parts: Partial<LiveStream> = {}): LiveStream => ({
  ...stream,
  messages: 10,
  bytes: 5_000,
  firstSeq: 1,
  lastSeq: 10,
  oldestAgeMs: 2 * HOUR,
  ...parts,
});

const consumer: Consumer = {
  stream: 'MESSAGES',
  account: '$G',
  name: 'workers',
  filterSubjects: [],
  ackWait: 30_000,
  maxDeliver: 5,
  backoff: [],
  maxAckPending: 1000,
  deliverPolicy: 'all',
  inactiveThreshold: 0,
};

const liveConsumer = (parts: Partial<LiveConsumer> = {}): LiveConsumer => ({
  ...consumer,
  delivery: 'pull',
  ackPolicy: 'explicit',
  liveDeliverPolicy: 'all',
  durable: true,
  pending: 0,
  ackPending: 0,
  redelivered: 0,
  ackFloor: 0,
  delivered: 0,
  ...parts,
});

/** `kind field!` with a mark for a dangerous one. */
const told = (changes: readonly TopologyChange[]): string[] =>
  changes.map(({ kind, object, field, dangerous }) =>
    [kind, object, field, dangerous ? '(dangerous)' : undefined].filter(Boolean).join(' '),
  );

const streamDiff = (declared: Partial<Stream>, parts: Partial<LiveStream> = {}) =>
  told(
    diffTopology(
      { streams: [{ ...stream, ...declared }], consumers: [] },
      { streams: [live(parts)], consumers: [] },
    ),
  );

const consumerDiff = (declared: Partial<Consumer>, parts: Partial<LiveConsumer> = {}) =>
  told(
    diffTopology(
      { streams: [], consumers: [{ ...consumer, ...declared }] },
      { streams: [], consumers: [liveConsumer(parts)] },
    ),
  );

describe('declared against live', () => {
  it('lists what is missing, streams before consumers', () => {
    const changes = diffTopology(
      { streams: [stream], consumers: [consumer] },
      { streams: [], consumers: [] },
    );
    expect(told(changes)).toEqual(['create stream MESSAGES', 'create consumer MESSAGES/workers']);
  });

  it('says once per object that nothing differs', () => {
    const changes = diffTopology(
      { streams: [stream], consumers: [consumer] },
      { streams: [live()], consumers: [liveConsumer()] },
    );
    expect(told(changes)).toEqual(['same stream MESSAGES', 'same consumer MESSAGES/workers']);
  });

  it('reports what is live but not declared', () => {
    const changes = diffTopology(
      { streams: [], consumers: [] },
      { streams: [live()], consumers: [liveConsumer()] },
    );
    expect(told(changes)).toEqual(['undeclared stream MESSAGES', 'undeclared consumer MESSAGES/workers']);
  });

  it('does not take a consumer of the same name on another stream for the declared one', () => {
    expect(consumerDiff({ stream: 'OTHER' })).toEqual([
      'create consumer OTHER/workers',
      'undeclared consumer MESSAGES/workers',
    ]);
  });
});

describe('streams', () => {
  it('cannot change storage or retention', () => {
    expect(streamDiff({ storage: 'memory', retention: 'workqueue' })).toEqual([
      'immutable stream MESSAGES storage',
      'immutable stream MESSAGES retention',
    ]);
  });

  it('carries both values and the reason', () => {
    const changes = diffTopology(
      { streams: [{ ...stream, maxAge: 7 * 24 * HOUR }], consumers: [] },
      { streams: [live()], consumers: [] },
    );
    expect(changes).toMatchObject([
      { field: 'max_age', declared: '7d', live: '24h', reason: 'max_age differs' },
    ]);
  });

  it.each([
    [['messages.>'], ['messages.ingest.>'], false],
    [['messages.*.>'], ['messages.ingest.>'], false],
    [['>'], ['messages.ingest.>'], false],
    [['messages.ingest.>', 'other'], ['messages.ingest.>'], false],
    [['messages.ingest.*'], ['messages.ingest.>'], true],
    [['messages.ingest'], ['messages.ingest.>'], true],
    [['messages.ingest.Order'], ['messages.ingest.*'], true],
    [['messages.>'], ['messages'], true],
    [['messages.ingest.>'], ['messages.ingest.>', 'other'], true],
  ])('declared %j on live %j: dangerous %s', (declared, subjects, dangerous) => {
    const mark = dangerous ? ' (dangerous)' : '';
    expect(streamDiff({ subjects: declared }, { subjects })).toEqual([
      `update stream MESSAGES subjects${mark}`,
    ]);
  });

  it('does not mind the order of subjects', () => {
    expect(streamDiff({ subjects: ['a', 'b'] }, { subjects: ['b', 'a'] })).toEqual(['same stream MESSAGES']);
  });

  it.each([
    [{ maxBytes: 4_999 }, 'max_bytes (dangerous)'],
    [{ maxBytes: 5_000 }, 'max_bytes'],
    [{ maxBytes: 2_000_000 }, 'max_bytes'],
    [{ maxMsgs: 9 }, 'max_msgs (dangerous)'],
    [{ maxMsgs: 10 }, 'max_msgs'],
    [{ maxAge: HOUR }, 'max_age (dangerous)'],
    [{ maxAge: 3 * HOUR }, 'max_age'],
    [{ maxAge: 0 }, 'max_age'],
    [{ maxMsgSize: 100 }, 'max_msg_size'],
    [{ discard: 'new' as const }, 'discard'],
    [{ duplicateWindow: 60_000 }, 'duplicate_window'],
    [{ replicas: 3 }, 'replicas'],
  ])('%j → %s', (declared, expected) => {
    expect(streamDiff(declared)).toEqual([`update stream MESSAGES ${expected}`]);
  });

  it('sees a difference of one byte, which the text rounds away', () => {
    expect(streamDiff({ maxBytes: 1_073_741_825 }, { maxBytes: 1_073_741_824 })).toEqual([
      'update stream MESSAGES max_bytes',
    ]);
  });

  it('may shorten the age of an empty stream', () => {
    const empty = { messages: 0, bytes: 0, oldestAgeMs: 0 };
    expect(streamDiff({ maxAge: HOUR }, empty)).toEqual(['update stream MESSAGES max_age']);
  });
});

describe('consumers', () => {
  it.each([
    [{}, { delivery: 'push' as const }, 'immutable', 'delivery'],
    [{}, { durable: false }, 'immutable', 'durable'],
    [{}, { ackPolicy: 'none' }, 'immutable', 'ack_policy'],
    [{ deliverPolicy: 'new' as const }, {}, 'immutable', 'deliver_policy'],
    [{}, { liveDeliverPolicy: 'by_start_sequence' }, 'immutable', 'deliver_policy'],
    [{ filterSubjects: ['messages.ingest.Order'] }, {}, 'update', 'filter_subjects'],
    [{ ackWait: 10_000 }, {}, 'update', 'ack_wait'],
    [{ maxDeliver: -1 }, {}, 'update', 'max_deliver'],
    [{ maxAckPending: 10 }, {}, 'update', 'max_ack_pending'],
  ])('declared %j, live %j → %s %s', (declared, parts, kind, field) => {
    expect(consumerDiff(declared, parts)).toEqual([`${kind} consumer MESSAGES/workers ${field}`]);
  });

  it('knows that the server reports the first backoff as ack_wait', () => {
    expect(consumerDiff({ backoff: [250, 1000] }, { backoff: [250, 1000], ackWait: 250 })).toEqual([
      'same consumer MESSAGES/workers',
    ]);
    expect(consumerDiff({ backoff: [250] })).toEqual([
      'update consumer MESSAGES/workers ack_wait',
      'update consumer MESSAGES/workers backoff',
    ]);
  });
});
