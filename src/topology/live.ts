import type { Consumer, Stream } from './model.ts';

/**
 * What a JetStream account holds now, in the model's own units (bytes, milliseconds), as read from the server. Kept
 * apart from the declared truth: it is compared with it and never merged into it.
 */
export interface LiveTopology {
  streams: readonly LiveStream[];
  consumers: readonly LiveConsumer[];
}

/** The server does not tell a client which account it is in; whoever connected knows. */
export interface LiveStream extends Omit<Stream, 'account' | 'family'> {
  messages: number;
  /** Bytes stored. */
  bytes: number;
  firstSeq: number;
  lastSeq: number;
  /** Age of the oldest stored message in milliseconds when the stream was read; 0 when it is empty. */
  oldestAgeMs: number;
}

export interface LiveConsumer extends Omit<Consumer, 'account'> {
  /** Declared consumers are always `pull` with `explicit` acks; a live one may be anything. */
  delivery: 'pull' | 'push';
  ackPolicy: string;
  /** The server knows more policies than the model; those appear under the server's own name. */
  liveDeliverPolicy: string;
  durable: boolean;
  /** Not delivered yet. */
  pending: number;
  /** Delivered, not acked yet. */
  ackPending: number;
  redelivered: number;
  /** Stream sequence up to which everything is acked. */
  ackFloor: number;
  /** Last stream sequence that was delivered. */
  delivered: number;
}
