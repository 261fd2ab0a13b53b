import { jetstream } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { DEAD_LETTER_HEADERS, TRACE_HEADERS } from '../dead-letter-headers.ts';
import type { NatsLink } from '../nats-link.ts';

/** A message that will not be tried again, with where it came from. */
export interface DeadLetter {
  stream: string;
  sequence: number;
  subject: string;
  deliveries: number;
  error: string;
  data: Uint8Array;
  headers: MsgHdrs | undefined;
}

export interface DeadLetterOptions {
  /** The stream that must keep it. */
  stream: string;
  /** `messages.ingest` and `messages.dlq`: what follows the one follows the other. */
  ingestPrefix: string;
  deadLetterPrefix: string;
}

/** Publishes to the dead letter stream and returns when that stream has confirmed it. */
export class DeadLetters {
  readonly #link: NatsLink;
  readonly #options: DeadLetterOptions;

  constructor(link: NatsLink, options: DeadLetterOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Throws when it is not certain that the stream has it. The id makes a second try harmless. */
  async publish(letter: DeadLetter): Promise<void> {
    const connection = this.#link.connection;
    if (connection === undefined) throw new Error(`NATS is away: ${this.#link.lastError}`);
    const fields = deadLetterHeaders(letter);
    const limit = connection.info?.max_payload ?? 1024 * 1024;
    const fits = letter.data.length + 2048 + fields.toString().length <= limit;
    if (!fits) fields.set(DEAD_LETTER_HEADERS.truncated, 'true');
    await jetstream(connection).publish(
      deadLetterSubject(letter.subject, this.#options),
      fits ? letter.data : letter.data.subarray(0, Math.max(0, limit - 8192)),
      {
        msgID: `dlq-${letter.stream}-${letter.sequence}`,
        expect: { streamName: this.#options.stream },
        headers: fields,
        timeout: 2000,
      },
    );
  }
}

/** `messages.ingest.Order` → `messages.dlq.Order`; a subject from elsewhere keeps its last token. */
export function deadLetterSubject(subject: string, options: DeadLetterOptions): string {
  const { ingestPrefix, deadLetterPrefix } = options;
  const rest = subject.startsWith(`${ingestPrefix}.`)
    ? subject.slice(ingestPrefix.length + 1)
    : subject.slice(subject.lastIndexOf('.') + 1);
  return `${deadLetterPrefix}.${rest}`;
}

export function deadLetterHeaders(letter: DeadLetter): MsgHdrs {
  const fields = headers();
  fields.set(DEAD_LETTER_HEADERS.error, asciiOnly(letter.error));
  fields.set(DEAD_LETTER_HEADERS.deliveries, String(letter.deliveries));
  fields.set(DEAD_LETTER_HEADERS.stream, letter.stream);
  fields.set(DEAD_LETTER_HEADERS.sequence, String(letter.sequence));
  fields.set(DEAD_LETTER_HEADERS.subject, letter.subject);
  for (const name of TRACE_HEADERS) {
    const value = letter.headers?.get(name);
    if (value) fields.set(name, value);
  }
  return fields;
}

/** Header values are one line; other scripts are kept as JSON escapes. */
const asciiOnly = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .slice(0, 2000);
