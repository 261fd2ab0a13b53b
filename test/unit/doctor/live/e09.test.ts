import { describe, expect, it } from 'vitest';
import { e09HealthyWithoutJetStream } from '../../../../src/doctor/rules/environment/e09-healthy-without-jetstream.ts';
import { failed, got, live, said, someJsz, someLiveFacts, someServer } from './facts.ts';

const rule = e09HealthyWithoutJetStream;

describe('E09, health', () => {
  it('is said of a server whose JetStream is off', () => {
    const servers = [someServer('nats', { jsz: got(someJsz({ enabled: false })) })];
    expect(said(live(rule, someLiveFacts({ servers })))).toEqual([
      'server nats error: JetStream is off on nats, and /healthz answers 200 all the same.',
    ]);
  });

  it('is right: JetStream is on, or nothing is known of it', () => {
    expect(live(rule, someLiveFacts())).toEqual([]);
    expect(
      live(rule, someLiveFacts({ servers: [someServer('nats', { jsz: failed('no answer') })] })),
    ).toEqual([]);
  });
});
