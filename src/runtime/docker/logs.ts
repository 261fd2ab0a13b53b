import type { Readable } from 'node:stream';
import type { Environment } from '../../topology/deployment.ts';
import type { LogLine, LogQuery } from '../runtime.ts';
import { type Container, listContainers } from './containers.ts';
import type { EngineClient } from './engine-client.ts';
import { containerEvents } from './engine-events.ts';
import { LineQueue } from './line-queue.ts';
import { LogFrames, type StampedLine } from './log-frames.ts';

type Source = Pick<Container, 'id' | 'service'>;

/**
 * What there is, in time order across services; with `follow` then what comes, also from containers that are started
 * again or made anew.
 */
export async function* readLogs(
  client: EngineClient,
  environment: Environment,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const wanted = (service: string) => query.services.length === 0 || query.services.includes(service);
  const subscribed = new Date();
  const sources = (await listContainers(client, environment, signal)).filter(({ service }) =>
    wanted(service),
  );
  const past = await Promise.all(sources.map((source) => backlog(client, source, query, signal)));
  for (const line of past.flat().sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0)))
    yield bare(line);
  if (!query.follow) return;

  const queue = new LineQueue(signal);
  const last = new Map(
    sources.map(({ id }, index) => [id, past[index]!.at(-1)?.stamp ?? stampOf(subscribed)]),
  );
  const attached = new Set<string>();
  const startedAgain = new Set<string>();
  const attach = async (source: Source): Promise<void> => {
    startedAgain.add(source.id);
    if (attached.has(source.id)) return;
    attached.add(source.id);
    // The engine's stream ends when the container stops; its next start may be told before that end is seen.
    while (startedAgain.delete(source.id) && !signal.aborted) {
      for await (const line of stream(client, source, { from: last.get(source.id) ?? '', signal })) {
        last.set(source.id, line.stamp);
        queue.push(bare(line));
      }
    }
    attached.delete(source.id);
  };
  const follow = (source: Source) => void attach(source).catch((error) => queue.fail(error));
  for (const source of sources) follow(source);
  const watch = async (): Promise<void> => {
    for await (const event of containerEvents(client, environment, {
      actions: ['start'],
      since: subscribed,
      signal,
    })) {
      if (wanted(event.service)) follow({ id: event.container, service: event.service });
    }
  };
  void watch().catch((error) => queue.fail(error));
  yield* queue;
}

async function backlog(
  client: EngineClient,
  { id, service }: Source,
  query: LogQuery,
  signal: AbortSignal,
): Promise<StampedLine[]> {
  const docker = await client.dockerode();
  const text = await docker.getContainer(id).logs({
    follow: false,
    stdout: true,
    stderr: true,
    timestamps: true,
    ...(query.tail !== undefined && { tail: query.tail }),
    ...(query.since && { since: query.since.getTime() / 1000 }),
    abortSignal: signal,
  });
  const frames = new LogFrames(service);
  return [...frames.push(text), ...frames.end()];
}

/** Lines after `from` (a stamp; empty = from the start of the container), until the container stops. */
async function* stream(
  client: EngineClient,
  { id, service }: Source,
  { from, signal }: { from: string; signal: AbortSignal },
): AsyncGenerator<StampedLine> {
  const docker = await client.dockerode();
  const since = from === '' ? 0 : Math.floor(new Date(from).getTime() / 1000);
  const readable = (await docker.getContainer(id).logs({
    follow: true,
    stdout: true,
    stderr: true,
    timestamps: true,
    since,
    abortSignal: signal,
  })) as unknown as Readable;
  const frames = new LogFrames(service);
  try {
    for await (const chunk of readable)
      yield* frames.push(chunk as Buffer).filter(({ stamp }) => stamp > from);
    yield* frames.end().filter(({ stamp }) => stamp > from);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    readable.destroy();
  }
}

/** An instant in the form and length of the engine's timestamps. */
const stampOf = (date: Date): string => date.toISOString().replace('Z', '000000Z');

const bare = ({ service, at, text }: StampedLine): LogLine => ({ service, at, text });
