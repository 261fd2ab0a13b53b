import { describe, expect, it } from 'vitest';
import { s10MissingStreamOrConsumer } from '../../../../src/doctor/rules/streams/s10-missing-stream-or-consumer.ts';
import { consumer, someAccount, someTopology } from '../../../helpers/topology.ts';
import { failed, got, live, liveConsumer, liveStream, said, someDeployment, someLiveFacts } from './facts.ts';

const rule = s10MissingStreamOrConsumer;

describe('S10, what is declared', () => {
  it('is not there', () => {
    const topology = someTopology({
      consumers: [
        consumer('MESSAGES', 'workers'),
        consumer('MESSAGES', 'audit'),
        consumer('MESSAGESDLQ', 'x'),
      ],
    });
    const accounts = [
      {
        account: '$G',
        streams: got([liveStream('MESSAGES')]),
        consumers: got([liveConsumer('MESSAGES', 'workers')]),
      },
    ];
    expect(said(live(rule, someLiveFacts({ accounts }, someDeployment(topology))))).toEqual([
      'stream MESSAGESDLQ error: Stream MESSAGESDLQ is declared and does not exist on the server: somebody deleted it, or the store was emptied.',
      'consumer MESSAGES/audit error: The consumer MESSAGES/audit is declared and does not exist on the server.',
    ]);
  });

  it('is there; or the account cannot be asked, or is another one; or a worker misses it (K04)', () => {
    expect(live(rule, someLiveFacts())).toEqual([]);
    const away = [{ account: '$G', streams: failed('away'), consumers: failed('away') }];
    expect(live(rule, someLiveFacts({ accounts: away }))).toEqual([]);
    const two = someDeployment(someTopology({ accounts: [someAccount('$G'), someAccount('APP')] }));
    expect(live(rule, someLiveFacts({}, two))).toEqual([]);
    const worked = [
      {
        account: '$G',
        streams: got([liveStream('MESSAGES'), liveStream('MESSAGESDLQ')]),
        consumers: got([]),
      },
    ];
    expect(live(rule, someLiveFacts({ accounts: worked }))).toEqual([]);
  });
});
