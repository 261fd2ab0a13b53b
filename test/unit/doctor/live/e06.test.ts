import { describe, expect, it } from 'vitest';
import { e06StreamsNotRecovered } from '../../../../src/doctor/rules/environment/e06-streams-not-recovered.ts';
import { failed, got, live, logged, MIB, said, someJsz, someLiveFacts, someServer } from './facts.ts';

const rule = e06StreamsNotRecovered;

describe('E06, streams in the store', () => {
  it('that the server does not know are told, with the line of its log', () => {
    const servers = [
      someServer('nats', {
        stored: got(['$G/MESSAGES', '$G/ORDERS']),
        jsz: got(someJsz({ maxStorage: 32 * MIB, reservedStorage: 30 * MIB })),
      }),
    ];
    const line =
      '[1] [WRN]   Error recreating stream "ORDERS": insufficient storage resources available (10047)';
    const findings = live(rule, someLiveFacts({ servers, log: logged('nats', line) }));
    expect(said(findings)).toEqual([
      'stream ORDERS error: The store of nats holds ORDERS of account $G, but the server does not know the stream: ' +
        'it was not recovered, most likely because max_file_store is 32MiB now.',
    ]);
    expect(findings[0]?.symptom).toBe(line);
  });

  it('that reserve more than the limit are told of servers that take them up all the same', () => {
    const servers = [
      someServer('nats', { jsz: got(someJsz({ maxStorage: 32 * MIB, reservedStorage: 60 * MIB })) }),
    ];
    expect(said(live(rule, someLiveFacts({ servers })))).toEqual([
      'server nats error: The streams of nats reserve 60MiB, and its max_file_store is 32MiB: no further stream can be made, ' +
        'and older servers would leave some out at the next start.',
    ]);
  });

  it('are all known, of another account, or could not be looked at', () => {
    expect(live(rule, someLiveFacts())).toEqual([]);
    const other = [someServer('nats', { stored: got(['OLD/ORDERS', '$G/MESSAGES']) })];
    expect(live(rule, someLiveFacts({ servers: other }))).toEqual([]);
    const unknown = [someServer('nats', { stored: failed('no shell'), jsz: failed('no answer') })];
    expect(live(rule, someLiveFacts({ servers: unknown }))).toEqual([]);
    const accounts = [{ account: '$G', streams: failed('away'), consumers: failed('away') }];
    const servers = [someServer('nats', { stored: got(['$G/ORDERS']) })];
    expect(live(rule, someLiveFacts({ servers, accounts }))).toEqual([]);
  });
});
