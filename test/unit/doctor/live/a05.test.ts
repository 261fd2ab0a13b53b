import { describe, expect, it } from 'vitest';
import { parseServerLine } from '../../../../src/doctor/live/server-log.ts';
import { a05AckDenied, acked } from '../../../../src/doctor/rules/access/a05-ack-denied.ts';
import { someTopology } from '../../../helpers/topology.ts';
import { live, logged, said, someDeployment, someLiveFacts } from './facts.ts';

const SUBJECT = '$JS.ACK.MESSAGES.workers.1.1.1.1795236615900915770.1';
/** As the three generations wrote it. */
const LINES: readonly [version: string, line: string][] = [
  [
    '2.9.10',
    `[9] 2026/11/21 04:50:15.942500 [ERR] 127.0.0.1:32784 - cid:14 - "v3.4.0:nats.js:w" - Publish Violation - User "worker", Subject "${SUBJECT}"`,
  ],
  [
    '2.10.27',
    `[9] 2026/11/21 04:50:18.047011 [ERR] 127.0.0.1:47500 - cid:14 - Publish Violation - User "worker", Subject "${SUBJECT}"`,
  ],
  [
    '2.15.1',
    `[9] 2026/11/21 04:50:19.920361 [ERR] 127.0.0.1:37234 - cid:14 - "v3.4.0:nats.js:w" - "APP/user:worker" - Publish Violation - Subject "${SUBJECT}"`,
  ],
];

describe('A05, an ack', () => {
  it.each(LINES)('is denied, as %s writes it', (_, line) => {
    expect(parseServerLine(line)).toMatchObject({
      kind: 'violation',
      cid: 14,
      user: 'worker',
      subject: SUBJECT,
    });
    const findings = live(a05AckDenied, someLiveFacts({ log: logged('nats', line, line) }));
    expect(said(findings)).toEqual([
      'user worker error: nats denied 2 acks of worker on MESSAGES/workers, last at 2026-01-01T12:00:00.000Z: the messages come again until max_deliver.',
    ]);
    expect(findings[0]?.symptom).toBe(`Permissions Violation for Publish to "${SUBJECT}"`);
  });

  it('of a key pair is told by its user', () => {
    const topology = someTopology();
    const deployment = someDeployment(topology);
    const secrets = {
      ...deployment.secrets,
      nats: { ...deployment.secrets.nats, worker: { kind: 'nkey', seed: 'S', publicKey: 'UABC' } as const },
    };
    const line = `[9] [ERR] 127.0.0.1:3 - cid:14 - Publish Violation - Nkey "UABC", Subject "${SUBJECT}"`;
    const facts = someLiveFacts({ log: logged('nats', line) }, { ...deployment, secrets });
    expect(said(live(a05AckDenied, facts))[0]).toContain('of worker on');
  });

  it('is something else that was denied, or denied to devenv’s own trial', () => {
    const log = logged(
      'nats',
      '[9] [ERR] 127.0.0.1:3 - cid:14 - Publish Violation - User "w", Subject "$JS.API.INFO"',
      '[9] [ERR] 127.0.0.1:3 - cid:14 - Subscription Violation - User "w", Subject "$JS.ACK.A.B.>", SID 1',
      `[9] [ERR] 127.0.0.1:3 - cid:14 - "v3.4.0:nats.js:devenv-auth" - "$G/user:w" - Publish Violation - Subject "${SUBJECT}"`,
    );
    expect(live(a05AckDenied, someLiveFacts({ log }))).toEqual([]);
  });

  it('names its consumer in both forms', () => {
    expect(acked(SUBJECT)).toBe('MESSAGES/workers');
    expect(acked('$JS.ACK._.Xyz123.MESSAGES.workers.1.1.1.17.1')).toBe('MESSAGES/workers');
    expect(acked('$JS.ACK.hub.Xyz123.MESSAGES.workers.1.1.1.17.1.rnd')).toBe('MESSAGES/workers');
    expect(acked('$JS.ACK')).toBe('*/*');
  });
});
