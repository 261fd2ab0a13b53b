import type { LiveConsumer, LiveStream } from '../../topology/live.ts';
import type { Consumer, Stream } from '../../topology/model.ts';
import type { AckWatch } from './acks.ts';
import type { Leadership } from './leadership.ts';
import type { StoredMessage } from './message.ts';
import type { JetStreamUsage, ServerLimits } from './usage.ts';

export interface PublishOptions {
  /** `Nats-Msg-Id`: a second publish with it within the stream's duplicate window stores nothing. */
  messageId?: string;
  headers?: Readonly<Record<string, string>>;
  /** Refuse the message when another stream than this one captures the subject. */
  expectStream?: string;
}

export interface PublishAck {
  stream: string;
  seq: number;
  duplicate: boolean;
}

export type MessageQuery =
  | { seq: number }
  | { lastBySubject: string }
  /** The first message at or after `fromSeq` whose subject matches. */
  | { fromSeq: number; subject: string };

/**
 * An authenticated connection with JetStream's API in the model's own types. Every call ends within the timeout given
 * at connect and with the signal's reason when it aborts; what the server refuses is a DevenvError that explains it.
 */
export interface NatsClient extends AsyncDisposable {
  readonly serverVersion: string;
  /** Bytes. */
  readonly maxPayload: number;
  /** The account that the servers have this user in; undefined when they do not say (before 2.10). */
  account(): Promise<string | undefined>;
  jetstreamUsage(server?: ServerLimits): Promise<JetStreamUsage>;
  listStreams(): Promise<LiveStream[]>;
  /** null when there is no such stream. */
  getStream(name: string): Promise<LiveStream | null>;
  /** Of one stream, or of all. */
  listConsumers(stream?: string): Promise<LiveConsumer[]>;
  getConsumer(stream: string, name: string): Promise<LiveConsumer | null>;
  createStream(stream: Stream): Promise<LiveStream>;
  /** Settings outside the model keep their live values. */
  updateStream(stream: Stream): Promise<LiveStream>;
  deleteStream(name: string): Promise<void>;
  createConsumer(consumer: Consumer): Promise<LiveConsumer>;
  updateConsumer(consumer: Consumer): Promise<LiveConsumer>;
  deleteConsumer(stream: string, name: string): Promise<void>;
  publish(subject: string, body: string | Uint8Array, options?: PublishOptions): Promise<PublishAck>;
  /** null when no such message is stored. */
  getMessage(stream: string, query: MessageQuery): Promise<StoredMessage | null>;
  deleteMessage(stream: string, seq: number): Promise<void>;
  /** undefined when no leader answers within `timeoutMs`. */
  leadership(stream: string, timeoutMs: number): Promise<Leadership | undefined>;
  /** Needs the right to subscribe to `$JS.ACK.>`. */
  watchAcks(stream: string, consumer: string): Promise<AckWatch>;
  close(): Promise<void>;
}
