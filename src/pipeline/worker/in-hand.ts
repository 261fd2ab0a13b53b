import { type ConsumerPolicy, redeliveryDelay } from './consumer-policy.ts';
import type { Delivery } from './delivery.ts';

/**
 * The messages that were delivered and not yet answered. Those that take long (Postgres is away, the dead letter
 * stream is missing) are kept alive with `working`, so that the server does not deliver them a second time.
 */
export class InHand {
  readonly #held = new Map<Delivery, number>();
  readonly #policy: () => ConsumerPolicy;
  readonly #onRelease: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(policy: () => ConsumerPolicy, onRelease: () => void) {
    this.#policy = policy;
    this.#onRelease = onRelease;
    this.#schedule();
  }

  get size(): number {
    return this.#held.size;
  }

  holds(delivery: Delivery): boolean {
    return this.#held.has(delivery);
  }

  holdsSequence(sequence: number): boolean {
    for (const delivery of this.#held.keys()) if (delivery.sequence === sequence) return true;
    return false;
  }

  add(delivery: Delivery): void {
    this.#held.set(delivery, delivery.since);
  }

  /** Done and stored: the server may forget it. */
  ack(delivery: Delivery): void {
    this.#answer(delivery, () => delivery.message.ack());
  }

  nak(delivery: Delivery, delayMs: number): void {
    this.#answer(delivery, () => delivery.message.nak(delayMs));
  }

  term(delivery: Delivery, reason: string): void {
    this.#answer(delivery, () => delivery.message.term(reason));
  }

  /** Not answered: the server delivers it again after ack_wait. */
  forget(delivery: Delivery): void {
    this.#held.delete(delivery);
    this.#onRelease();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #answer(delivery: Delivery, send: () => void): void {
    try {
      send();
    } catch {
      // The connection is closing or lost: the message comes again and is found to be done.
    }
    this.forget(delivery);
  }

  #schedule(): void {
    const shortest = Math.min(this.#policy().ackWait, ...this.#policy().backoff);
    this.#timer = setTimeout(
      () => {
        this.#keepAlive();
        this.#schedule();
      },
      // The policy is not known before the first message may be here: never slower than that first guess.
      Math.min(Math.max(shortest / 5, 20), 100),
    );
    this.#timer.unref();
  }

  #keepAlive(): void {
    const now = performance.now();
    for (const [delivery, last] of this.#held) {
      if (now - last < redeliveryDelay(this.#policy(), delivery.deliveries) * 0.4) continue;
      this.#held.set(delivery, now);
      try {
        delivery.message.working();
      } catch {
        // As above.
      }
    }
  }
}
