import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/doctor/explain.ts';

/** Lines as loggers, clients of several languages and Docker write them, and the rule that has to come first. */
describe('a line that was pasted', () => {
  it.each([
    ['ConnectionError: connection refused', 'E19'],
    ['NatsError: CONNECTION_REFUSED', 'E19'],
    ['psycopg2.OperationalError: could not connect to server: Connection refused', 'E19'],
    [
      'Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect (node:net:1555:16)',
      'E19',
    ],
    ['getaddrinfo ENOTFOUND nats', 'E19'],
    ['Error: getaddrinfo EAI_AGAIN postgres', 'E19'],
    ['dial tcp: lookup nats on 127.0.0.11:53: no such host', 'E19'],
    ['nats: Stale Connection', 'E19'],
    ['409 Exceeded MaxAckPending', 'K03'],
    ['nats-1  | [1] 2025/11/13 10:22:33.123456 [WRN] JetStream cluster no metadata leader', 'C18'],
    [`[7] [WRN] Healthcheck failed: "JetStream stream 'ORDERS' is not current"`, 'C18'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'A10'],
    [
      "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: nats.",
      'A10',
    ],
    ['x509: certificate is valid for localhost, not nats', 'A10'],
    ['tls: first record does not look like a TLS handshake', 'A10'],
    ['400 Bad Request - heartbeat value too large', 'K05'],
  ])('%s', (line, rule) => {
    const { rules, codes } = explain(line)!;
    expect(rules[0]?.id).toBe(rule);
    // Half of its words are those of an error code that is about something else.
    expect(codes.filter(({ cause }) => cause !== undefined)).toEqual([]);
  });

  it.each(['', ' \n\t', '!!!', '10', 'err_code 99999', 'hello world', '\0\0', '\u001b[31m\u001b[0m'])(
    'and says nothing has no answer: %j',
    (line) => expect(explain(line)).toBeUndefined(),
  );
});
