import type { WrittenConsumer } from '../../written/consumer.ts';

/** The server's own, when nothing is written. */
const DEFAULT_ACK_WAIT_MS = 30_000;

export interface EffectiveAckWait {
  ms: number;
  /** The number of the delivery whose ack may be that late, when backoff decides. */
  backoffStep?: number;
}

/**
 * The shortest time that the server waits for an ack. With a backoff, the n-th delivery waits for its n-th step and
 * ack_wait counts no more (nats-server consumer.go, `ackWait`); the first step is what it then reports as ack_wait.
 */
export function effectiveAckWait({ fields }: WrittenConsumer): EffectiveAckWait {
  const steps = fields.backoff ?? [];
  if (steps.length === 0) return { ms: fields.ackWait ?? DEFAULT_ACK_WAIT_MS };
  const ms = Math.min(...steps);
  return { ms, backoffStep: steps.indexOf(ms) };
}
