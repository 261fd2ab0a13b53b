import { type Consumer, type ConsumerMessages, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import type { Logger } from '../logger.ts';
import { errorText } from '../message-status.ts';
import type { NatsLink } from '../nats-link.ts';
import type { ConsumerPolicy } from './consumer-policy.ts';

export interface IntakeOptions {
  stream: string;
  consumer: string;
  /** Most messages in hand at once. */
  window: number;
}

/** One pull request stays open this long when there is nothing to deliver. */
const PULL_MS = 10_000;
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 100;

/**
 * Pulls messages, never more than there is room for: what is not in hand stays with the server, where another worker
 * can have it. Waits for the connection, the stream and the consumer, and finds them again when they come back.
 */
export class Intake {
  readonly #link: NatsLink;
  readonly #options: IntakeOptions;
  readonly #log: Logger;
  readonly #onMessage: (message: JsMsg) => void;
  readonly #room: () => number;
  #policy: ConsumerPolicy = { ackWait: 30_000, maxDeliver: -1, backoff: [] };
  #pull: ConsumerMessages | undefined;
  #stopped = false;
  #wake: (() => void) | undefined;
  #problem: string | undefined = 'not started';

  /** `room` says how many more messages the worker can take. */
  constructor(
    link: NatsLink,
    options: IntakeOptions,
    log: Logger,
    on: { message: (message: JsMsg) => void; room: () => number },
  ) {
    this.#link = link;
    this.#options = options;
    this.#log = log;
    this.#onMessage = on.message;
    this.#room = on.room;
  }

  get policy(): ConsumerPolicy {
    return this.#policy;
  }

  /** Why nothing is being pulled; undefined while it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Returns when stopped. */
  async run(): Promise<void> {
    for (let wait = FIRST_RETRY_MS; !this.#stopped; ) {
      try {
        const consumer = await this.#find();
        this.#problem = undefined;
        wait = FIRST_RETRY_MS;
        await this.#pullOnce(consumer);
      } catch (error) {
        const problem = errorText(error);
        if (problem !== this.#problem) this.#log.info({ reason: problem }, 'waiting for the consumer');
        this.#problem = problem;
        await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(wait * 1.1, LAST_RETRY_MS);
      }
    }
  }

  /** Room was made. */
  resume(): void {
    this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.resume();
    if (this.#pull !== undefined) await drain(this.#pull);
  }

  #known: { consumer: Consumer; connection: unknown; at: number } | undefined;

  /** Asked again now and then: a changed declaration takes effect without a restart. */
  async #find(): Promise<Consumer> {
    const connection = this.#link.connection;
    if (connection === undefined) throw new Error(`NATS is away: ${this.#link.lastError}`);
    const known = this.#known;
    if (known?.connection === connection && Date.now() - known.at < PULL_MS) return known.consumer;
    this.#known = undefined;
    const client = jetstream(connection, { timeout: 2000 });
    const consumer = await client.consumers.get(this.#options.stream, this.#options.consumer);
    const { config } = await consumer.info(true);
    this.#policy = {
      ackWait: (config.ack_wait ?? 30e9) / 1e6,
      maxDeliver: config.max_deliver ?? -1,
      backoff: (config.backoff ?? []).map((nanos) => nanos / 1e6),
    };
    this.#known = { consumer, connection, at: Date.now() };
    return consumer;
  }

  async #pullOnce(consumer: Consumer): Promise<void> {
    const { window } = this.#options;
    // Asking for a few messages at a time would cost a round trip each; half a window is worth one.
    while (this.#room() < window / 2 && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#stopped) return;
    try {
      this.#pull = await consumer.fetch({ max_messages: this.#room(), expires: PULL_MS });
      if (this.#stopped) await drain(this.#pull);
      for await (const message of this.#pull) this.#onMessage(message);
    } catch (error) {
      this.#known = undefined;
      throw error;
    } finally {
      this.#pull = undefined;
    }
  }
}

/**
 * Ends a pull and still takes what the server has sent by then. The library's own `close` drops those messages, which
 * would then wait for ack_wait and cost a delivery; its subscription is not in the public types.
 */
async function drain(pull: ConsumerMessages): Promise<void> {
  const { sub } = pull as unknown as { sub?: Subscription };
  if (sub === undefined || sub.isClosed()) await pull.close();
  else await sub.drain().catch(() => pull.close());
}
