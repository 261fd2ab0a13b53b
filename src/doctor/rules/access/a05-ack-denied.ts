import { counted, object } from '../../live/readings.ts';
import { violations } from '../../live/server-log.ts';
import { defineRule } from '../../rule.ts';

/** A05: acks are not permitted, so every message comes again and again. */
export const a05AckDenied = defineRule({
  id: 'A05',
  title: 'acks are denied',
  severity: 'error',
  meaning: 'A worker may pull messages but not publish to $JS.ACK, so none of its acks reaches the server.',
  cause:
    'An ack is a message to $JS.ACK.<stream>.<consumer>.…, and needs the permission to publish there. Without it `ack()` returns as ever, ' +
    'because nobody waits for an answer; the only sign is an error on the connection and a line in the server’s log. Each message is delivered again until max_deliver.',
  fix: 'Allow the user to publish to $JS.ACK.<stream>.<consumer>.> (and, for newer servers, $JS.ACK.*.*.<stream>.<consumer>.>).',
  symptoms: [
    'Permissions Violation for Publish to "$JS.ACK.ORDERS.workers.1.1.1.1795236615900915770.1"',
    'Publish Violation - User "worker", Subject "$JS.ACK.ORDERS.workers…"',
  ],
  matches: [/Violation.*\$JS\.ACK\./i],
  *live(facts) {
    const denied = violations(facts).filter(
      ({ deed, subject }) => deed === 'publish' && subject.startsWith('$JS.ACK.'),
    );
    const groups = new Map<string, typeof denied>();
    for (const violation of denied) {
      const key = `${violation.user}\n${acked(violation.subject)}`;
      groups.set(key, [...(groups.get(key) ?? []), violation]);
    }
    for (const group of groups.values()) {
      const last = group.at(-1)!;
      const consumer = acked(last.subject);
      const [stream = '*', name = '*'] = consumer.split('/');
      yield {
        place: object(last.user === '' ? `server ${last.server}` : `user ${last.user}`),
        cause: `${last.server} denied ${counted(group.length, 'ack')} of ${last.user || 'a client'} on ${consumer}, last at ${last.at}: the messages come again until max_deliver.`,
        fix: `Declare \`works: [${consumer}]\` for ${last.user || 'it'}, from which devenv derives the permission; in a nats.conf, allow it to publish to "$JS.ACK.${stream}.${name}.>" and "$JS.ACK.*.*.${stream}.${name}.>".`,
        symptom: `Permissions Violation for Publish to "${last.subject}"`,
      };
    }
  },
});

/**
 * `stream/consumer` of an ack subject: `$JS.ACK.<stream>.<consumer>.<five numbers>`, or with a domain and the hash of the
 * account before the stream (ADR-15) and a token after the numbers.
 */
export function acked(subject: string): string {
  const tokens = subject.split('.');
  const [stream = '*', consumer = '*'] = tokens.length >= 11 ? tokens.slice(4, 6) : tokens.slice(2, 4);
  return `${stream}/${consumer}`;
}
