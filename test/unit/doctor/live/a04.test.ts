import { describe, expect, it } from 'vitest';
import { a04RoleNotCovered } from '../../../../src/doctor/rules/access/a04-role-not-covered.ts';
import { live, logged, said, someLiveFacts } from './facts.ts';

const violation = (deed: string, subject: string, client = 'app'): string =>
  `[9] [ERR] 127.0.0.1:3 - cid:14 - "v3.4.0:nats.js:${client}" - "$G/user:api" - ${deed} Violation - Subject "${subject}"`;

describe('A04, what a user may not do', () => {
  it('is told by user and subject', () => {
    const log = logged(
      'nats',
      violation('Publish', '$JS.API.STREAM.INFO.ORDERS'),
      violation('Publish', '$JS.API.STREAM.INFO.ORDERS'),
      violation('Publish', 'orders.new'),
      violation('Subscription', 'chat.>'),
    );
    const findings = live(a04RoleNotCovered, someLiveFacts({ log }));
    expect(said(findings)).toEqual([
      'user api warning: nats refused 2 messages of api to $JS.API.STREAM.INFO.ORDERS, last at 2026-01-01T12:00:00.000Z.',
      'user api warning: nats refused 1 message of api to orders.new, last at 2026-01-01T12:00:00.000Z.',
      'user api warning: nats refused 1 subscription of api for chat.>, last at 2026-01-01T12:00:00.000Z.',
    ]);
    expect(findings.map(({ fix }) => fix.split(' (')[0]!.split(';')[0])).toEqual([
      'Declare what it does with JetStream',
      'Declare orders.new under publishes or requests of it',
      'Declare chat.> under subscribes or serves of it',
    ]);
  });

  it('is an ack (A05), an inbox (A02), or a trial of devenv itself', () => {
    const log = logged(
      'nats',
      violation('Publish', '$JS.ACK.ORDERS.workers.1.1.1.17.1'),
      violation('Subscription', '_INBOX.X.*'),
      violation('Publish', 'orders.new', 'devenv-auth'),
    );
    expect(live(a04RoleNotCovered, someLiveFacts({ log }))).toEqual([]);
  });
});
