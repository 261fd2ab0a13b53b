/** What the declared consumer says about redelivery; milliseconds. */
export interface ConsumerPolicy {
  ackWait: number;
  /** -1 = no limit. */
  maxDeliver: number;
  backoff: readonly number[];
}

/**
 * How long the server waits for an answer before it delivers again, and how long a nak asks it to wait: with a backoff
 * that one for this delivery, the last one for all later ones; else ack_wait.
 */
export const redeliveryDelay = ({ ackWait, backoff }: ConsumerPolicy, deliveries: number): number =>
  backoff[Math.min(deliveries, backoff.length) - 1] ?? ackWait;

/** Was this the last delivery that the consumer makes? */
export const isLastDelivery = ({ maxDeliver }: ConsumerPolicy, deliveries: number): boolean =>
  maxDeliver > 0 && deliveries >= maxDeliver;
