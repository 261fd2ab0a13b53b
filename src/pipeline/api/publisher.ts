import {
  createInbox,
  headers,
  type Msg,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import type { NatsLink } from '../nats-link.ts';
import { Problem } from './problem.ts';
import type { Submission } from './submission.ts';

/** Nobody knows whether the message is on the stream: the connection or the answer was lost. */
export class UnconfirmedError extends Problem {}

/** A publish without an answer is sent again after this; the deduplication id makes that harmless. */
const RESEND_MS = 1000;
/** How long a request waits for its answer in all. */
const GIVE_UP_MS = 4000;
const SWEEP_MS = 100;

/** JetStream error codes, from the server's errors.json. */
const STREAM_FULL = new Set([10077, 10047, 10023, 10122]);
const MESSAGE_TOO_LARGE = 10054;

interface Pending {
  subject: string;
  submission: Submission;
  sentAt: number;
  since: number;
  resolve: () => void;
  reject: (error: Problem) => void;
}

/**
 * Publishes to JetStream with many messages in flight: one inbox, one map and one timer for all of them, instead of a
 * promise race and a timer for each. What the client loses at a disconnection is sent again with the same id.
 */
export class Publisher {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #prefix: string;
  readonly #pending = new Map<string, Pending>();
  readonly #inbox: string;
  readonly #sweep: NodeJS.Timeout;
  #subscription: { connection: NatsConnection; handle: Subscription } | undefined;
  #next = 0;

  constructor(
    link: NatsLink,
    { stream, prefix, inboxPrefix }: { stream: string; prefix: string; inboxPrefix?: string | undefined },
  ) {
    this.#inbox = `${createInbox(inboxPrefix)}.`;
    this.#link = link;
    this.#stream = stream;
    this.#prefix = prefix;
    link.onUp((connection) => {
      this.#listen(connection);
      for (const [token, pending] of this.#pending) this.#send(connection, token, pending);
    });
    this.#sweep = setInterval(() => this.#resendOrGiveUp(), SWEEP_MS);
    this.#sweep.unref();
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** Resolves when the stream has stored the message or knows its id; else throws a Problem. */
  publish(submission: Submission): Promise<void> {
    return new Promise((resolve, reject) => {
      const connection = this.#link.connection;
      if (connection === undefined) {
        reject(new Problem('NATS_UNAVAILABLE', `NATS is away: ${this.#link.lastError}`));
        return;
      }
      const now = Date.now();
      const subject = `${this.#prefix}.${submission.entityType}`;
      const pending = { subject, submission, sentAt: now, since: now, resolve, reject };
      const token = (this.#next++).toString(36);
      this.#pending.set(token, pending);
      this.#send(connection, token, pending);
    });
  }

  close(): void {
    clearInterval(this.#sweep);
  }

  #listen(connection: NatsConnection): void {
    // The client itself subscribes again after a reconnection.
    if (this.#subscription?.connection === connection) return;
    const handle = connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) this.#settle(message);
      },
    });
    this.#subscription = { connection, handle };
  }

  #send(connection: NatsConnection, token: string, pending: Pending): void {
    const { submission } = pending;
    pending.sentAt = Date.now();
    const fields = headers();
    fields.set('Nats-Msg-Id', submission.deduplicationId);
    // Whatever else captures the subject, only the declared stream may answer.
    fields.set('Nats-Expected-Stream', this.#stream);
    for (const name in submission.trace) fields.set(name, submission.trace[name] as string);
    try {
      connection.publish(pending.subject, submission.payload, {
        headers: fields,
        reply: this.#inbox + token,
      });
    } catch {
      // Closing or just disconnected: the sweep or the reconnection decides.
    }
  }

  #settle(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length);
    const pending = this.#pending.get(token);
    if (pending === undefined) return;
    this.#pending.delete(token);
    const problem = this.#problemOf(message);
    if (problem === undefined) pending.resolve();
    else pending.reject(problem);
  }

  #problemOf(message: Msg): Problem | undefined {
    if (message.data.length === 0) {
      return new Problem('NATS_UNAVAILABLE', `no stream captures the subject, expected ${this.#stream}`);
    }
    const answer = message.json<{ stream?: string; error?: { err_code: number; description: string } }>();
    if (answer.error === undefined) return undefined;
    const { err_code: code, description } = answer.error;
    if (code === MESSAGE_TOO_LARGE) return new Problem('TOO_LARGE', `${this.#stream}: ${description}`);
    if (STREAM_FULL.has(code)) return new Problem('STREAM_FULL', `${this.#stream}: ${description}`);
    return new Problem('NATS_UNAVAILABLE', `${this.#stream}: ${description}`);
  }

  #resendOrGiveUp(): void {
    if (this.#pending.size === 0) return;
    const now = Date.now();
    const connection = this.#link.connection;
    for (const [token, pending] of this.#pending) {
      if (now - pending.since > GIVE_UP_MS) {
        this.#pending.delete(token);
        const why = connection === undefined ? this.#link.lastError : 'no answer';
        pending.reject(new UnconfirmedError('NATS_UNAVAILABLE', `NATS did not confirm the message: ${why}`));
      } else if (connection !== undefined && now - pending.sentAt > RESEND_MS) {
        this.#send(connection, token, pending);
      }
    }
  }
}
