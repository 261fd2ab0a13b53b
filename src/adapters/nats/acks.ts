import type { Msg, NatsConnection } from '@nats-io/transport-node';

export type AckKind = 'ack' | 'nak' | 'term' | 'working';

/** What a worker answered for the messages of a consumer, from the moment of `watchAcks` on. */
export interface AckWatch {
  /** The last answer for a stream sequence; undefined while there is none. */
  answerOf(seq: number): AckKind | undefined;
  stop(): void;
}

/**
 * Listens to the acks themselves: they are ordinary messages on `$JS.ACK…`. The consumer's ack floor tells nothing
 * about one message while an older one is still open.
 */
export async function watchAcks(
  connection: NatsConnection,
  stream: string,
  consumer: string,
): Promise<AckWatch> {
  const answers = new Map<number, AckKind>();
  // Source of both forms: nats-server ADR-15; the longer one starts with the domain and a hash of the account.
  const subscriptions = [
    listen(connection, `$JS.ACK.${stream}.${consumer}.>`, 5, answers),
    listen(connection, `$JS.ACK.*.*.${stream}.${consumer}.>`, 7, answers),
  ];
  await connection.flush();
  return {
    answerOf: (seq) => answers.get(seq),
    stop: () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

/** `sequenceAt` is the token that holds the stream sequence. */
function listen(
  connection: NatsConnection,
  subject: string,
  sequenceAt: number,
  answers: Map<number, AckKind>,
) {
  const callback = (error: Error | null, message: Msg) => {
    if (error === null) answers.set(Number(message.subject.split('.')[sequenceAt]), kindOf(message.string()));
  };
  return connection.subscribe(subject, { callback });
}

function kindOf(payload: string): AckKind {
  if (payload.startsWith('-NAK')) return 'nak';
  if (payload.startsWith('+TERM')) return 'term';
  return payload.startsWith('+WPI') ? 'working' : 'ack';
}
