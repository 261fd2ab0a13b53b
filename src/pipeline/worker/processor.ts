import type { JsMsg } from '@nats-io/jetstream';
import { isDataError, isOutage } from '../database.ts';
import type { Logger } from '../logger.ts';
import { errorText } from '../message-status.ts';
import { type Breaker, StoppedError } from './breaker.ts';
import { type Delivery, envelopeOf, type Parsers, readDelivery } from './delivery.ts';
import type { Failures } from './failures.ts';
import type { InHand } from './in-hand.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { Store, Write } from './store.ts';

export interface ProcessorOptions {
  batchSize: number;
  /** How long a message by itself waits for a row that somebody has locked. */
  lockTimeoutMs: number;
}

export interface ProcessorParts {
  store: Store;
  breaker: Breaker;
  failures: Failures;
  inHand: InHand;
  parsers: Parsers;
  metrics: WorkerMetrics;
  log: Logger;
}

type Ready = Delivery & { content: Write };

/** A failed batch is cut in so many parts: three levels find one bad message among five hundred. */
const PARTS = 8;

/**
 * Takes messages in batches: `processing` for all of them in one statement, then rows and `completed` in one
 * transaction, then the acks. While one batch commits, the next one is read and marked; commits stay in stream order.
 */
export class Processor {
  readonly #parts: ProcessorParts;
  readonly #options: ProcessorOptions;
  #queue: Delivery[] = [];
  #wake: (() => void) | undefined;
  #stopped = false;

  constructor(parts: ProcessorParts, options: ProcessorOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  take(message: JsMsg): void {
    const delivery = readDelivery(message, this.#parts.parsers);
    this.#parts.inHand.add(delivery);
    this.#queue.push(delivery);
    this.#wake?.();
  }

  /** Returns when stopped and everything taken has been dealt with. */
  async run(): Promise<void> {
    let committing: Promise<void> = Promise.resolve();
    for (;;) {
      if (this.#queue.length === 0) {
        if (this.#stopped) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        // What arrived in the same read from the socket belongs to the same batch.
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const batch = this.#nextBatch();
      const ready = await this.#guard(batch, () => this.#mark(batch));
      await committing;
      if (ready !== undefined && ready.length > 0) {
        committing = this.#guard(ready, () => this.#complete(ready)).then(() => {});
      }
    }
    await committing;
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** One message at most once per batch: a statement can touch its row only once. */
  #nextBatch(): Delivery[] {
    const batch: Delivery[] = [];
    const later: Delivery[] = [];
    const ids = new Set<string>();
    for (const delivery of this.#queue.splice(0, this.#options.batchSize)) {
      const id = envelopeOf(delivery)?.message_id;
      if (id !== undefined && ids.has(id)) later.push(delivery);
      else batch.push(delivery);
      if (id !== undefined) ids.add(id);
    }
    if (later.length > 0) this.#queue.unshift(...later);
    return batch;
  }

  /** → the messages that can be written. Acks those that are done already, rejects those that are malformed. */
  async #mark(batch: readonly Delivery[]): Promise<Ready[]> {
    const { store, breaker, failures, inHand, metrics } = this.#parts;
    const envelopes = batch.map(envelopeOf).filter((envelope) => envelope !== undefined);
    const open =
      envelopes.length === 0 ? new Set() : await breaker.run(() => store.markProcessing(envelopes));
    const ready: Ready[] = [];
    for (const delivery of batch) {
      const { content } = delivery;
      if (content.kind === 'unreadable') failures.reject(delivery, content.error);
      else if (!open.has(content.envelope.message_id)) {
        inHand.ack(delivery);
        metrics.messages.inc({ outcome: 'repeated' });
      } else if (content.kind === 'invalid') failures.reject(delivery, content.error);
      else ready.push(delivery as Ready);
    }
    return ready;
  }

  async #complete(ready: readonly Ready[]): Promise<void> {
    const { lockTimeoutMs } = this.#options;
    const ends = this.#parts.metrics.batchDuration.startTimer();
    this.#parts.metrics.batchSize.observe(ready.length);
    // A lock may hold up one message for its full time, but its neighbours only for a moment.
    const brief = Math.max(10, Math.round(lockTimeoutMs / PARTS));
    await this.#write(ready, ready.length === 1 ? lockTimeoutMs : brief, brief);
    ends();
  }

  /** Writes all, or finds the ones that cannot be written and writes the rest. */
  async #write(ready: readonly Ready[], lockTimeoutMs: number, brief: number): Promise<void> {
    const { store, breaker, inHand, metrics, failures, log } = this.#parts;
    try {
      await breaker.run(() =>
        store.complete(
          ready.map(({ content }) => content),
          lockTimeoutMs,
        ),
      );
    } catch (error) {
      if (error instanceof StoppedError || isOutage(error)) throw error;
      const [only] = ready;
      if (ready.length === 1 && only !== undefined) {
        if (isDataError(error)) failures.reject(only, errorText(error));
        else failures.postpone(only, errorText(error));
        return;
      }
      log.debug({ messages: ready.length, reason: errorText(error) }, 'batch failed: taking it apart');
      const size = Math.ceil(ready.length / PARTS);
      for (let start = 0; start < ready.length; start += size) {
        await this.#write(ready.slice(start, start + size), brief, brief);
      }
      return;
    }
    for (const delivery of ready) inHand.ack(delivery);
    metrics.messages.inc({ outcome: 'completed' }, ready.length);
  }

  /** Whatever goes wrong here costs this batch one try and never the worker. */
  async #guard<T>(batch: readonly Delivery[], work: () => Promise<T>): Promise<T | undefined> {
    const { failures, inHand, log } = this.#parts;
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoppedError) {
        for (const delivery of batch) inHand.forget(delivery);
      } else {
        log.error({ messages: batch.length, reason: errorText(error) }, 'batch failed');
        for (const delivery of batch)
          if (inHand.holds(delivery)) failures.postpone(delivery, errorText(error));
      }
      return undefined;
    }
  }
}
