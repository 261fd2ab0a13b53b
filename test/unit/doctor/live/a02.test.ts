import { describe, expect, it } from 'vitest';
import { a02InboxNotSubscribed } from '../../../../src/doctor/rules/access/a02-inbox-not-subscribed.ts';
import { someService, someTopology } from '../../../helpers/topology.ts';
import { live, logged, said, someDeployment, someLiveFacts } from './facts.ts';

const rule = a02InboxNotSubscribed;
const denied = (subject: string): string =>
  `[9] [ERR] 127.0.0.1:3 - cid:15 - Subscription Violation - User "api", Subject "${subject}", SID 1`;

describe('A02, an inbox', () => {
  it('may not be subscribed to', () => {
    const line = denied('_INBOX.4J36OH4ESCVUX4L4YVNZ1W.*');
    expect(said(live(rule, someLiveFacts({ log: logged('nats', line, line) })))).toEqual([
      'user api error: nats refused 2 subscriptions of api to its inbox, _INBOX.4J36OH4ESCVUX4L4YVNZ1W.*, last at 2026-01-01T12:00:00.000Z: ' +
        'none of its requests gets an answer, and what it publishes into streams is stored all the same.',
    ]);
  });

  it('has a prefix of its own', () => {
    const deployment = someDeployment(
      someTopology({ services: [someService('api', { inboxPrefix: 'api_inbox' })] }),
    );
    const [finding] = live(rule, someLiveFacts({ log: logged('nats', denied('api_inbox.X.*')) }, deployment));
    expect(finding?.fix).toContain('"api_inbox.>"');
  });

  it('is something else', () => {
    expect(live(rule, someLiveFacts({ log: logged('nats', denied('orders.>')) }))).toEqual([]);
    expect(live(rule, someLiveFacts({ log: logged('api', denied('_INBOX.X.*')) }))).toEqual([]);
  });
});
