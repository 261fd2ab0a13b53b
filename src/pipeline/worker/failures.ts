import { GroupCommit } from '../group-commit.ts';
import type { Logger } from '../logger.ts';
import { errorText } from '../message-status.ts';
import { type Breaker, StoppedError } from './breaker.ts';
import { type ConsumerPolicy, isLastDelivery, redeliveryDelay } from './consumer-policy.ts';
import type { DeadLetters } from './dead-letters.ts';
import { type Delivery, envelopeOf } from './delivery.ts';
import type { InHand } from './in-hand.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { Failure, Store } from './store.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

export interface FailureParts {
  stream: string;
  store: Store;
  breaker: Breaker;
  deadLetters: DeadLetters;
  inHand: InHand;
  policy: () => ConsumerPolicy;
  metrics: WorkerMetrics;
  log: Logger;
}

/** What becomes of messages that could not be processed. Their statuses are written in groups. */
export class Failures {
  readonly #parts: FailureParts;
  readonly #records: GroupCommit<Failure, undefined>;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(parts: FailureParts) {
    this.#parts = parts;
    this.#records = new GroupCommit(
      async (group) => {
        await parts.breaker.run(() => parts.store.recordFailures(group));
        return group.map(() => undefined);
      },
      { maxGroup: 500 },
    );
  }

  /** The message itself is wrong: trying again cannot help. */
  reject(delivery: Delivery, error: string): void {
    this.#track(delivery, this.#bury(delivery, error));
  }

  /** Trying again may help, as long as the consumer delivers again. */
  postpone(delivery: Delivery, error: string): void {
    const last = isLastDelivery(this.#parts.policy(), delivery.deliveries);
    this.#track(delivery, last ? this.#bury(delivery, error) : this.#retryLater(delivery, error));
  }

  /** Waits for what has been begun; what still waits for a missing dead letter stream is let go, unacknowledged. */
  async close(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #retryLater(delivery: Delivery, error: string): Promise<void> {
    const { policy, inHand, metrics, log } = this.#parts;
    const delay = redeliveryDelay(policy(), delivery.deliveries);
    log.warn({ ...facts(delivery), reason: error, delay }, 'message failed, will be retried');
    await this.#record(delivery, 'failed', error);
    inHand.nak(delivery, delay);
    metrics.messages.inc({ outcome: 'failed' });
  }

  /** Dead letter first, then the status, and only then term. Until the dead letter is stored the message is held. */
  async #bury(delivery: Delivery, error: string): Promise<void> {
    const { deadLetters, inHand, metrics, log, stream } = this.#parts;
    const { message, sequence, deliveries } = delivery;
    const letter = {
      ...{ stream, sequence, deliveries, error },
      subject: message.subject,
      data: message.data,
      headers: message.headers,
    };
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      try {
        await deadLetters.publish(letter);
        break;
      } catch (cause) {
        const reason = errorText(cause);
        log.error({ ...facts(delivery), reason, error }, 'cannot dead-letter the message: holding it');
        if (wait === FIRST_RETRY_MS) {
          await this.#record(delivery, 'failed', errorText(`${error} (not dead-lettered: ${reason})`));
        }
        await this.#pause(wait);
      }
    }
    await this.#record(delivery, 'dlq', error);
    inHand.term(delivery, 'dead-lettered');
    metrics.messages.inc({ outcome: 'dlq' });
    log.warn({ ...facts(delivery), reason: error }, 'message dead-lettered');
  }

  async #record(delivery: Delivery, status: Failure['status'], error: string): Promise<void> {
    const messageId = envelopeOf(delivery)?.message_id;
    if (messageId !== undefined) await this.#records.add({ messageId, status, error: errorText(error) });
  }

  async #pause(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      if (this.#stopped) throw new StoppedError('stopped');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #track(delivery: Delivery, work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!(error instanceof StoppedError)) {
          this.#parts.log.error({ ...facts(delivery), reason: errorText(error) }, 'message left unanswered');
        }
        this.#parts.inHand.forget(delivery);
      })
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }
}

const facts = (delivery: Delivery) => ({
  sequence: delivery.sequence,
  deliveries: delivery.deliveries,
  message_id: envelopeOf(delivery)?.message_id,
});
