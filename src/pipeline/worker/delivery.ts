import type { JsMsg } from '@nats-io/jetstream';
import type { Parsed, ParsedEntity } from '../entities/parser.ts';
import { decodeEnvelope, type Envelope } from '../envelope.ts';

/** A message in hand: what was delivered and what it turned out to be. */
export interface Delivery {
  message: JsMsg;
  sequence: number;
  /** 1 for the first one. */
  deliveries: number;
  /** When it came into our hands; `performance.now()`. */
  since: number;
  content: Content;
}

/** Readable, readable but wrong, or not even an envelope. */
export type Content =
  | { kind: 'valid'; envelope: Envelope; entity: ParsedEntity }
  | { kind: 'invalid'; envelope: Envelope; error: string }
  | { kind: 'unreadable'; error: string };

/** entity name → parser of its body */
export type Parsers = ReadonlyMap<string, (body: Envelope['body']) => Parsed>;

/** Pure: bytes → content. Whatever is wrong here stays wrong: delivering it again cannot help. */
export function readContent(bytes: Uint8Array, parsers: Parsers): Content {
  const decoded = decodeEnvelope(bytes);
  if (!decoded.ok) return { kind: 'unreadable', error: decoded.error };
  const { envelope } = decoded;
  const parse = parsers.get(envelope.entity_type);
  if (parse === undefined) {
    const known = [...parsers.keys()].join(', ') || 'none';
    const error = `unknown entity type "${envelope.entity_type}"; declared: ${known}`;
    return { kind: 'invalid', envelope, error };
  }
  const parsed = parse(envelope.body);
  if (!parsed.ok) return { kind: 'invalid', envelope, error: parsed.error };
  return { kind: 'valid', envelope, entity: parsed.entity };
}

export function readDelivery(message: JsMsg, parsers: Parsers): Delivery {
  const { streamSequence, deliveryCount } = message.info;
  return {
    message,
    sequence: streamSequence,
    deliveries: deliveryCount,
    since: performance.now(),
    content: readContent(message.data, parsers),
  };
}

export const envelopeOf = ({ content }: Pick<Delivery, 'content'>): Envelope | undefined =>
  content.kind === 'unreadable' ? undefined : content.envelope;
