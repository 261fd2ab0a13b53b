import type { LiveUsage, TopologyDesk } from '../engine/world.ts';
import type { LiveConsumer, LiveStream } from '../topology/live.ts';
import type { Topology } from '../topology/model.ts';

/** Each request to the server; the caller's signal bounds the whole. */
const REQUEST_WITHIN_MS = 5_000;

/** Streams and consumers through the NATS adapter, imported when first needed. */
export const topologyDesk: TopologyDesk = {
  differences: (url, topology, signal) =>
    withClient(url, signal, async (client, { topologyDifferences }) => topologyDifferences(client, topology)),

  apply: (url, topology, signal) =>
    withClient(url, signal, async (client, { applyTopology }) => applyTopology(client, topology, { signal })),

  usage: (url, topology, signal) =>
    withClient(url, signal, async (client) => {
      const [usage, streams, consumers] = await Promise.all([
        client.jetstreamUsage({
          maxMemoryStore: topology.nats.maxMemoryStore,
          maxFileStore: topology.nats.maxFileStore,
        }),
        client.listStreams(),
        client.listConsumers(),
      ]);
      return usageReport(topology, usage, streams, consumers);
    }),
};

type Nats = typeof import('../adapters/nats.ts');
type Client = Awaited<ReturnType<Nats['connectNats']>>;

async function withClient<T>(
  url: string,
  signal: AbortSignal,
  body: (client: Client, nats: Nats) => Promise<T>,
): Promise<T> {
  const nats = await import('../adapters/nats.ts');
  const client = await nats.connectNats(url, { signal, timeoutMs: REQUEST_WITHIN_MS, name: 'devenv' });
  try {
    return await body(client, nats);
  } finally {
    await client.close();
  }
}

function usageReport(
  topology: Topology,
  { memory, file }: Pick<LiveUsage, 'memory' | 'file'>,
  streams: readonly LiveStream[],
  consumers: readonly LiveConsumer[],
): LiveUsage {
  const declaredStreams = new Set(topology.streams.map(({ name }) => name));
  const declaredConsumers = new Set(topology.consumers.map(({ stream, name }) => `${stream} ${name}`));
  return {
    memory,
    file,
    streams: streams.map(({ name, subjects, storage, messages, bytes, maxBytes }) => ({
      name,
      subjects,
      storage,
      messages,
      used: bytes,
      reserved: Math.max(0, maxBytes),
      declared: declaredStreams.has(name),
    })),
    consumers: consumers.map(({ stream, name, pending, ackPending, redelivered }) => ({
      stream,
      name,
      lag: pending + ackPending,
      pending,
      ackPending,
      redelivered,
      declared: declaredConsumers.has(`${stream} ${name}`),
    })),
  };
}
