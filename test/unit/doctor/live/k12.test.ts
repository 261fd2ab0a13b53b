import { describe, expect, it } from 'vitest';
import { k12SlowConsumer } from '../../../../src/doctor/rules/consumers/k12-slow-consumer.ts';
import { failed, got, live, logged, MIB, NOW, said, someLiveFacts, someServer } from './facts.ts';

const counting = (slowConsumers: number) =>
  got({ version: '2.15.1', serverName: 'nats', start: NOW, slowConsumers, maxPayload: MIB, connections: 1 });
const closed = (name: string, user: string, reason: string) => ({
  cid: 6,
  name,
  user,
  account: '$G',
  open: false,
  reason,
  pendingBytes: 8,
});

describe('K12, a slow consumer', () => {
  it('is named from the list of closed connections', () => {
    const servers = [
      someServer('nats', {
        varz: counting(2),
        connections: got([
          closed('dashboard', 'reporting', 'Slow Consumer (Pending Bytes)'),
          closed('dashboard', 'reporting', 'Slow Consumer (Write Deadline)'),
          closed('', '', 'Slow Consumer (Write Deadline)'),
          closed('api', 'api', 'Client Closed'),
        ]),
      }),
    ];
    const log = logged(
      'nats',
      '[1] [INF] 127.0.0.1:1 - cid:6 - Slow Consumer Detected: MaxPending of 8388608 Exceeded',
    );
    expect(said(live(k12SlowConsumer, someLiveFacts({ servers, log })))).toEqual([
      'user reporting warning: nats closed 2 connections of client "dashboard" (user reporting): Slow Consumer (Write Deadline).',
      'client without a name warning: nats closed 1 connection of a client without a name: Slow Consumer (Write Deadline).',
    ]);
  });

  it('is counted by the server alone', () => {
    const servers = [someServer('nats', { varz: counting(1), connections: failed('away') })];
    expect(said(live(k12SlowConsumer, someLiveFacts({ servers })))).toEqual([
      'server nats warning: nats has found 1 slow consumer since it was started; their connections are not listed any more.',
    ]);
  });

  it('is none', () => {
    const servers = [someServer('nats', { connections: got([closed('api', 'api', 'Client Closed')]) })];
    expect(live(k12SlowConsumer, someLiveFacts({ servers }))).toEqual([]);
  });
});
