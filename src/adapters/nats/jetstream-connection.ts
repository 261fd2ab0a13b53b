import {
  type ConsumerInfo,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import type { NatsAccess } from '../../topology/deployment.ts';
import type { LiveConsumer, LiveStream } from '../../topology/live.ts';
import type { Consumer, Stream } from '../../topology/model.ts';
import { type AckWatch, watchAcks } from './acks.ts';
import type { MessageQuery, NatsClient, PublishAck, PublishOptions } from './client.ts';
import { connectOrExplain, type NatsOptions } from './connect.ts';
import { consumerConfig, liveConsumer } from './consumer-shape.ts';
import { natsFailure } from './failures.ts';
import { type Leadership, leadershipOf } from './leadership.ts';
import { listAll } from './listing.ts';
import { type StoredMessage, storedMessage } from './message.ts';
import { liveStream, streamConfig } from './stream-shape.ts';
import { type JetStreamUsage, type ServerLimits, usageOf } from './usage.ts';

/** Throws NOT_READY when the server cannot be reached or refuses the credentials. */
export async function connectNats(access: NatsAccess, options: NatsOptions): Promise<NatsClient> {
  const connection = await connectOrExplain(access, options);
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: options.timeoutMs });
    return new JetStreamConnection(
      connection,
      manager,
      jetstream(connection, { timeout: options.timeoutMs }),
      options,
    );
  } catch (error) {
    await connection.close();
    throw natsFailure(error, 'use JetStream');
  }
}

class JetStreamConnection implements NatsClient {
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #client: JetStreamClient;
  readonly #signal: AbortSignal;
  readonly #timeoutMs: number;
  readonly #onAbort = () => void this.#connection.close();

  constructor(
    connection: NatsConnection,
    manager: JetStreamManager,
    client: JetStreamClient,
    { signal, timeoutMs }: NatsOptions,
  ) {
    this.#connection = connection;
    this.#manager = manager;
    this.#client = client;
    this.#signal = signal;
    this.#timeoutMs = timeoutMs;
    // Closing the connection is what makes every pending request end at once.
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get serverVersion(): string {
    return this.#connection.info?.version ?? 'unknown';
  }

  get maxPayload(): number {
    return this.#connection.info?.max_payload ?? 1024 * 1024;
  }

  async account(): Promise<string | undefined> {
    const options = { timeout: this.#timeoutMs };
    // Nobody answers it before 2.10, and then it is not known.
    const answer = await this.#connection.request('$SYS.REQ.USER.INFO', '', options).catch(() => undefined);
    this.#signal.throwIfAborted();
    return answer?.json<{ data?: { account?: string } }>().data?.account;
  }

  jetstreamUsage(server?: ServerLimits): Promise<JetStreamUsage> {
    return this.#call('read the JetStream account', async () =>
      usageOf(await this.#manager.getAccountInfo(), server),
    );
  }

  listStreams(): Promise<LiveStream[]> {
    return this.#call('list the streams', async () =>
      (await listAll<StreamInfo>(this.#connection, 'STREAM.LIST', 'streams', this.#timeoutMs)).map(
        liveStream,
      ),
    );
  }

  getStream(name: string): Promise<LiveStream | null> {
    return this.#call(`read stream ${name}`, () =>
      unlessMissing(async () => liveStream(await this.#manager.streams.info(name)), 10059),
    );
  }

  async listConsumers(stream?: string): Promise<LiveConsumer[]> {
    const names = stream === undefined ? (await this.listStreams()).map(({ name }) => name) : [stream];
    return this.#call('list the consumers', async () =>
      (await Promise.all(names.map((name) => this.#consumersOf(name)))).flat(),
    );
  }

  async #consumersOf(stream: string): Promise<LiveConsumer[]> {
    const list = `CONSUMER.LIST.${stream}`;
    return (await listAll<ConsumerInfo>(this.#connection, list, 'consumers', this.#timeoutMs)).map(
      liveConsumer,
    );
  }

  getConsumer(stream: string, name: string): Promise<LiveConsumer | null> {
    return this.#call(`read consumer ${stream}/${name}`, () =>
      unlessMissing(async () => liveConsumer(await this.#manager.consumers.info(stream, name)), 10014),
    );
  }

  createStream(stream: Stream): Promise<LiveStream> {
    return this.#call(`create stream ${stream.name}`, async () =>
      liveStream(await this.#manager.streams.add(streamConfig(stream))),
    );
  }

  updateStream(stream: Stream): Promise<LiveStream> {
    return this.#call(`update stream ${stream.name}`, async () =>
      liveStream(await this.#manager.streams.update(stream.name, streamConfig(stream))),
    );
  }

  async deleteStream(name: string): Promise<void> {
    await this.#call(`delete stream ${name}`, () => this.#manager.streams.delete(name));
  }

  createConsumer(consumer: Consumer): Promise<LiveConsumer> {
    return this.#call(`create consumer ${consumer.stream}/${consumer.name}`, async () =>
      liveConsumer(await this.#manager.consumers.add(consumer.stream, consumerConfig(consumer))),
    );
  }

  updateConsumer(consumer: Consumer): Promise<LiveConsumer> {
    return this.#call(`update consumer ${consumer.stream}/${consumer.name}`, async () =>
      liveConsumer(
        await this.#manager.consumers.update(consumer.stream, consumer.name, consumerConfig(consumer)),
      ),
    );
  }

  async deleteConsumer(stream: string, name: string): Promise<void> {
    await this.#call(`delete consumer ${stream}/${name}`, () => this.#manager.consumers.delete(stream, name));
  }

  publish(subject: string, body: string | Uint8Array, options: PublishOptions = {}): Promise<PublishAck> {
    return this.#call(`publish to ${subject}`, async () => {
      const hdrs = headers();
      for (const [name, value] of Object.entries(options.headers ?? {})) hdrs.set(name, value);
      const { stream, seq, duplicate } = await this.#client.publish(subject, body, {
        timeout: this.#timeoutMs,
        headers: hdrs,
        ...(options.messageId === undefined ? {} : { msgID: options.messageId }),
        ...(options.expectStream === undefined ? {} : { expect: { streamName: options.expectStream } }),
      });
      return { stream, seq, duplicate };
    });
  }

  getMessage(stream: string, query: MessageQuery): Promise<StoredMessage | null> {
    return this.#call(`read a message of stream ${stream}`, async () => {
      const wanted =
        'lastBySubject' in query
          ? { last_by_subj: query.lastBySubject }
          : 'fromSeq' in query
            ? { seq: query.fromSeq, next_by_subj: query.subject }
            : query;
      const found = await this.#manager.streams.getMessage(stream, wanted);
      return found === null ? null : storedMessage(stream, found);
    });
  }

  async deleteMessage(stream: string, seq: number): Promise<void> {
    await this.#call(`delete message ${seq} of stream ${stream}`, () =>
      this.#manager.streams.deleteMessage(stream, seq, false),
    );
  }

  leadership(stream: string, timeoutMs: number): Promise<Leadership | undefined> {
    return this.#call(`ask who leads stream ${stream}`, () =>
      leadershipOf(this.#connection, stream, timeoutMs),
    );
  }

  watchAcks(stream: string, consumer: string): Promise<AckWatch> {
    return this.#call(`listen to the acks of ${stream}/${consumer}`, () =>
      watchAcks(this.#connection, stream, consumer),
    );
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call<T>(doing: string, work: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      this.#signal.throwIfAborted();
      throw natsFailure(error, doing);
    }
  }
}

async function unlessMissing<T>(work: () => Promise<T>, missing: number): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === missing) return null;
    throw error;
  }
}
