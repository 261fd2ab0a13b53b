import { describe, expect, it } from 'vitest';
import { diffTopology, type TopologyChange } from '../../../../src/topology/diff.ts';
import type { LiveConsumer, LiveStream } from '../../../../src/topology/live.ts';
import type { Consumer, Stream } from '../../../../src/topology/model.ts';
import { liveConsumerOf, liveStreamOf } from '../../../helpers/live-topology.ts';
import { consumer as someConsumer, stream as someStream } from '../../../helpers/topology.ts';

const HOUR = 3_600_000;

const stream: Stream = {
  ...someStream('MESSAGES', 'messages.ingest.>'),
  maxBytes: 1_000_000,
  maxAge: 24 * HOUR,
};

const live = (parts: Partial<LiveStream> = {}): LiveStream =>
  liveStreamOf(stream, { messages: 10, bytes: 5_000, lastSeq: 10, oldestAgeMs: 2 * HOUR, ...parts });

const consumer: Consumer = someConsumer('MESSAGES', 'workers');

const liveConsumer = (parts: Partial<LiveConsumer> = {}): LiveConsumer => liveConsumerOf(consumer, parts);

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

  it.each([
    ['limits', 'interest', '2.9.10', 'immutable stream MESSAGES retention'],
    ['limits', 'interest', '2.10.27', 'update stream MESSAGES retention (dangerous)'],
    ['interest', 'limits', '2.9.10', 'immutable stream MESSAGES retention'],
    ['interest', 'limits', '2.15.1', 'update stream MESSAGES retention'],
    ['workqueue', 'limits', '2.15.1', 'immutable stream MESSAGES retention'],
    ['interest', 'workqueue', '2.15.1', 'immutable stream MESSAGES retention'],
  ] as const)('from %s to %s on %s: %s', (from, to, natsVersion, expected) => {
    const changes = diffTopology(
      { streams: [{ ...stream, retention: to }], consumers: [] },
      { streams: [live({ retention: from })], consumers: [] },
      { natsVersion },
    );
    expect(told(changes)).toEqual([expected]);
  });

  it('loses nothing by the retention of an empty stream', () => {
    expect(streamDiff({ retention: 'interest' }, { messages: 0, bytes: 0 })).toEqual([
      'update stream MESSAGES retention',
    ]);
  });

  it('says how many messages a lower limit removes, and that a stream which refuses new ones keeps all', () => {
    const lowered = (parts: Partial<Stream>, discard: Stream['discard'], natsVersion: string) =>
      diffTopology(
        { streams: [{ ...stream, ...parts, discard }], consumers: [] },
        { streams: [live({ discard, maxBytes: 9_000, maxMsgs: 50 })], consumers: [] },
        { natsVersion },
      )
        .filter(({ field }) => field !== undefined && field in { max_bytes: 0, max_msgs: 0 })
        .map(({ dangerous, reason }) => `${dangerous}: ${reason}`);
    const least = { maxBytes: 2_000, maxMsgs: 3 };
    for (const [discard, version] of [
      ['old', '2.15.1'],
      ['new', '2.9.10'],
    ] as const)
      expect(lowered(least, discard, version)).toEqual([
        'true: it holds 10 messages (5KB); about 6 of the oldest messages would be removed',
        'true: it holds 10 messages; 7 of the oldest messages would be removed',
      ]);
    expect(lowered(least, 'new', '2.10.27')).toEqual([
      'false: it holds 10 messages (5KB), so that it would refuse new messages (discard: new)',
      'false: it holds 10 messages, so that it would refuse new messages (discard: new)',
    ]);
    expect(lowered({ maxBytes: 5_000, maxMsgs: 10 }, 'old', '2.15.1')).toEqual([
      'false: max_bytes differs',
      'false: max_msgs differs',
    ]);
  });

  it('says what making it anew would cost: messages, and consumers that nobody declares', () => {
    const cost = (parts: Partial<LiveStream>, consumers: LiveConsumer[]) =>
      diffTopology(
        { streams: [{ ...stream, storage: 'memory' }], consumers: [consumer] },
        { streams: [live(parts)], consumers },
      )[0]?.cost;
    expect(cost({}, [liveConsumer()])).toBe('10 messages (5KB)');
    expect(cost({ messages: 1, bytes: 100 }, [])).toBe('1 message (100B)');
    expect(cost({ messages: 0, bytes: 0 }, [])).toBeUndefined();
    expect(cost({ messages: 0, bytes: 0 }, [liveConsumer({ name: 'mine' })])).toBe(
      'consumer mine (not declared)',
    );
    expect(cost({}, [liveConsumer({ name: 'a' }), liveConsumer({ name: 'b' })])).toBe(
      '10 messages (5KB) and consumers a, b (not declared)',
    );
  });

  it('says which declared stream takes the subjects that another one drops', () => {
    const [change] = diffTopology(
      {
        streams: [
          { ...stream, subjects: ['messages.ingest.>'] },
          { ...stream, name: 'AUDIT', subjects: ['audit.>'] },
        ],
        consumers: [],
      },
      { streams: [live({ subjects: ['messages.ingest.>', 'audit.>'] })], consumers: [] },
    );
    expect(change).toMatchObject({
      dangerous: true,
      rule: 'S03',
      reason: 'messages on audit.> would no longer be stored here, but in AUDIT',
    });
  });

  it('knows that several patterns together keep what one had kept', () => {
    expect(streamDiff({ subjects: ['a.*', 'a.*.>'] }, { subjects: ['a.>'] })).toEqual([
      'update stream MESSAGES subjects',
    ]);
  });

  it('compares placement, in any order', () => {
    expect(streamDiff({ placement: ['az:1'] })).toEqual(['update stream MESSAGES placement']);
    expect(streamDiff({ placement: ['a', 'b'] }, { placement: ['b', 'a'] })).toEqual([
      'same stream MESSAGES',
    ]);
  });

  it.each([
    [{ storage: 'memory' as const }, 'S15'],
    [{ subjects: ['other'] }, 'S03'],
    [{ maxAge: HOUR }, 'S02'],
    [{ discard: 'new' as const }, 'S02'],
  ])('%j is explained by %s', (declared, rule) => {
    const [change] = diffTopology(
      { streams: [{ ...stream, ...declared }], consumers: [] },
      { streams: [live()], consumers: [] },
    );
    expect(change?.rule).toBe(rule);
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

  it.each([
    [[], ['messages.ingest.Order'], 'filter_subjects differs'],
    [['messages.ingest.Order'], [], 'messages on other subjects would no longer be delivered to it'],
    [
      ['messages.ingest.Order'],
      ['messages.ingest.Order', 'messages.ingest.User'],
      'messages on messages.ingest.User would no longer be delivered to it',
    ],
  ])('filters declared %j, live %j: %s', (declared, filterSubjects, reason) => {
    const [change] = diffTopology(
      { streams: [], consumers: [{ ...consumer, filterSubjects: declared }] },
      { streams: [], consumers: [liveConsumer({ filterSubjects })] },
    );
    expect(change).toMatchObject({ kind: 'update', dangerous: false, rule: 'S09', reason });
  });

  it('compares inactive_threshold', () => {
    expect(consumerDiff({}, { inactiveThreshold: 5_000 })).toEqual([
      'update consumer MESSAGES/workers inactive_threshold',
    ]);
  });

  it('says what making it anew would cost: its position', () => {
    const cost = (parts: Partial<LiveConsumer>) =>
      diffTopology(
        { streams: [], consumers: [{ ...consumer, deliverPolicy: 'new' }] },
        { streams: [], consumers: [liveConsumer(parts)] },
      )[0]?.cost;
    expect(cost({})).toBeUndefined();
    expect(cost({ delivered: 7 })).toBe('its position (delivered up to 7)');
    expect(cost({ delivered: 7, ackPending: 2 })).toBe('its position (delivered up to 7, 2 unacked)');
  });
});

describe('filters that match nothing', () => {
  const orphans = (
    declared: string[],
    liveSubjects: string[],
    filterSubjects: string[],
    isDeclared = false,
  ) =>
    diffTopology(
      {
        streams: [{ ...stream, subjects: declared }],
        consumers: isDeclared ? [{ ...consumer, filterSubjects }] : [],
      },
      { streams: [live({ subjects: liveSubjects })], consumers: [liveConsumer({ filterSubjects })] },
    ).filter(({ kind }) => kind === 'orphaned');

  it.each([true, false])('are told when the change orphans them; declared: %s', (isDeclared) => {
    expect(orphans(['a.>'], ['a.>', 'b.>'], ['b.1'], isDeclared)).toMatchObject([
      {
        object: 'consumer MESSAGES/workers',
        dangerous: true,
        rule: 'S08',
        reason: 'its filter b.1 would match nothing that MESSAGES captures',
      },
    ]);
  });

  it('are told without danger when they match nothing already', () => {
    expect(orphans(['a.>'], ['a.>'], ['b.1'])).toMatchObject([
      { dangerous: false, reason: 'its filter b.1 matches nothing that MESSAGES captures' },
    ]);
  });

  it.each([[['b.1', 'a.1']], [[]], [['a.*']], [['>']]])('are not %j', (filters) => {
    expect(orphans(['a.>'], ['a.>', 'b.>'], filters)).toEqual([]);
  });
});
