import type { NatsConnection } from '@nats-io/transport-node';

/** What came of a trial; `unknown` when the server gave no sign of either, `skipped` when trying would do harm. */
export interface Outcome {
  seen: 'allowed' | 'denied' | 'unknown' | 'skipped';
  /** What the server said. */
  detail: string;
}

export const SILENCE: Outcome = { seen: 'unknown', detail: 'the server said nothing' };
export const ALLOWED: Outcome = { seen: 'allowed', detail: 'let through' };

/** The server writes subjects with Go's %q, which differs from JSON in control characters only. */
const quoted = (subject: string): string => JSON.stringify(subject);

/** Reserved for acks; the words after it are ours. */
const reservedReply = (key: string): string => `$JS.ACK.devenv-auth.${key}.1.1.1.1`;

export async function tryPublishing(
  connection: NatsConnection,
  subjects: readonly string[],
  violations: readonly string[],
  round: string,
): Promise<Outcome[]> {
  const before = violations.length;
  for (const [index, subject] of subjects.entries())
    connection.publish(subject, undefined, { reply: reservedReply(`${round}-${index}`) });
  await connection.flush();
  // The refusals came before the answer to the flush; those who collect them run next.
  await new Promise((resolve) => setImmediate(resolve));
  const texts = violations.slice(before);
  return subjects.map((subject, index) => {
    if (texts.some((text) => text.includes(`"${reservedReply(`${round}-${index}`)}"`))) return ALLOWED;
    const refusal = texts.find((text) => text.includes(`Publish to ${quoted(subject)}`));
    return refusal === undefined ? SILENCE : { seen: 'denied', detail: refusal };
  });
}
