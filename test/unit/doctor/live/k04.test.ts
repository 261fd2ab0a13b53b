import { describe, expect, it } from 'vitest';
import { k04ConsumerWentAway } from '../../../../src/doctor/rules/consumers/k04-consumer-went-away.ts';
import { consumer, someTopology } from '../../../helpers/topology.ts';
import { got, live, liveStream, logged, said, someDeployment, someLiveFacts } from './facts.ts';

const rule = k04ConsumerWentAway;
const gone = [{ account: '$G', streams: got([liveStream('MESSAGES')]), consumers: got([]) }];

describe('K04, a consumer', () => {
  it('was deleted under its worker', () => {
    const log = logged('worker', 'heartbeats missed');
    expect(said(live(rule, someLiveFacts({ accounts: gone, log })))).toEqual([
      'consumer MESSAGES/workers error: worker works MESSAGES/workers, and there is no such consumer on the server: somebody deleted it.',
    ]);
  });

  it('was removed by the server', () => {
    const topology = someTopology({
      consumers: [consumer('MESSAGES', 'workers', { inactiveThreshold: 300_000 })],
    });
    expect(said(live(rule, someLiveFacts({ accounts: gone }, someDeployment(topology))))).toEqual([
      'consumer MESSAGES/workers error: worker works MESSAGES/workers, and there is no such consumer on the server: ' +
        'the server deletes it after 5m without a client (inactive_threshold).',
    ]);
  });

  it('is back, and its worker says that it was away', () => {
    const log = logged(
      'worker',
      '{"level":40,"msg":"heartbeats_missed","count":1}',
      '{"level":40,"msg":"heartbeats_missed","count":2}',
    );
    expect(said(live(rule, someLiveFacts({ log })))).toEqual([
      'service worker warning: worker missed heartbeats 2 times, last at 2026-01-01T12:00:00.000Z, and all that it works is there now.',
    ]);
  });

  it('is there, or somebody who works none writes of heartbeats', () => {
    expect(live(rule, someLiveFacts())).toEqual([]);
    expect(live(rule, someLiveFacts({ log: logged('api', 'heartbeats missed') }))).toEqual([]);
  });

  it('is there, and was not at the start of its worker, or heartbeats were missed long ago', () => {
    const atStart = logged('worker', '{"reason":"consumer not found","msg":"waiting for the consumer"}');
    expect(live(rule, someLiveFacts({ log: atStart }))).toEqual([]);
    const longAgo = [{ service: 'worker', at: '2026-01-01T11:00:00.000Z', text: 'heartbeats missed' }];
    expect(live(rule, someLiveFacts({ log: longAgo }))).toEqual([]);
  });
});
