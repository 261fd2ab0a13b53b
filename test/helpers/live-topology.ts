import type { LiveConsumer, LiveStream } from '../../src/topology/live.ts';
import type { Consumer, Stream } from '../../src/topology/model.ts';

/** As a server would tell of it when it was made like that: empty, unless said. */
export const liveStreamOf = (
  { account: _, family: __, ...same }: Stream,
  parts: Partial<LiveStream> = {},
): LiveStream => ({
  ...same,
  messages: 0,
  bytes: 0,
  firstSeq: 1,
  lastSeq: 0,
  oldestAgeMs: 0,
  ...parts,
});

/** As a server would tell of it when it was made like that: nothing to do, unless said. */
export const liveConsumerOf = (
  { account: _, ...same }: Consumer,
  parts: Partial<LiveConsumer> = {},
): LiveConsumer => ({
  ...same,
  delivery: 'pull',
  ackPolicy: 'explicit',
  liveDeliverPolicy: same.deliverPolicy,
  durable: true,
  pending: 0,
  ackPending: 0,
  redelivered: 0,
  ackFloor: 0,
  delivered: 0,
  ...parts,
});
