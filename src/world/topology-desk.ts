import type { AccountAccess, LiveUsage, TopologyDesk } from '../engine/world.ts';
import { DevenvError } from '../errors.ts';
import type { NatsAccess } from '../topology/deployment.ts';
import type { LiveConsumer, LiveStream } from '../topology/live.ts';
import type { Topology } from '../topology/model.ts';

/** Each request to the server; the caller's signal bounds the whole. */
const REQUEST_WITHIN_MS = 5_000;

/**
 * Streams and consumers through the NATS adapter, imported when first needed. Accounts know nothing of each other, so
 * each is asked over a connection of its own; its streams are those that name it.
 */
export const topologyDesk: TopologyDesk = {
  differences: async (access, topology, signal) =>
    (
      await eachDeclared(access, signal, (account, client, { topologyDifferences }) =>
        topologyDifferences(client, ofAccount(topology, account)),
      )
    ).flat(),

  apply: async (access, topology, signal) =>
    (
      await eachDeclared(access, signal, (account, client, { applyTopology }) =>
        applyTopology(client, ofAccount(topology, account), { signal }),
      )
    ).flat(),

  compare: (access, topology, signal) =>
    eachDeclared(access, signal, async (account, client, { compareTopology }) => ({
      account,
      changes: await compareTopology(client, ofAccount(topology, account)),
    })),

  mend: async (access, topology, differences, onDone, signal) => {
    await eachDeclared(access, signal, async (account, client, { mendTopology }) => {
      const changes = differences.find((one) => one.account === account)?.changes ?? [];
      await mendTopology(client, ofAccount(topology, account), changes, {
        signal,
        onDone: (done) => onDone({ account, ...done }),
      });
    });
  },

  usage: async (access, topology, signal) => {
    const { maxMemoryStore, maxFileStore } = topology.nats;
    // What is there now, whosever it is: of a server that nobody has told yet as well.
    const reports = await eachAccount(access, signal, async (account, client) => {
      const [usage, streams, consumers] = await Promise.all([
        client.jetstreamUsage({ maxMemoryStore, maxFileStore }),
        client.listStreams(),
        client.listConsumers(),
      ]);
      return usageReport(ofAccount(topology, account), usage, streams, consumers);
    });
    return summed(reports, { memory: maxMemoryStore, file: maxFileStore });
  },
};

/** The part of a declaration that one account holds. */
const ofAccount = (topology: Topology, account: string): Topology => ({
  ...topology,
  streams: topology.streams.filter((stream) => stream.account === account),
  consumers: topology.consumers.filter((consumer) => consumer.account === account),
});

type Nats = typeof import('../adapters/nats.ts');
type Client = Awaited<ReturnType<Nats['connectNats']>>;

/** One after another: accounts share the servers' storage, and what one gives up may be what another needs. */
async function eachAccount<T>(
  access: AccountAccess,
  signal: AbortSignal,
  body: (account: string, client: Client, nats: Nats) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const [account, each] of Object.entries(access)) {
    results.push(await withClient(each, signal, (client, nats) => body(account, client, nats)));
  }
  return results;
}

/**
 * devenv's user of the first account is called the same whatever that account is called: until `up` has told the servers
 * of another one, they have it in the old one, and what is seen there is not what will be.
 */
async function eachDeclared<T>(
  access: AccountAccess,
  signal: AbortSignal,
  body: (account: string, client: Client, nats: Nats) => Promise<T>,
): Promise<T[]> {
  return eachAccount(access, signal, async (account, client, nats) => {
    const seen = await client.account();
    if (seen !== undefined && seen !== account) throw notTold(account, seen, access[account]?.user ?? '');
    return body(account, client, nats);
  });
}

const notTold = (account: string, seen: string, user: string): DevenvError =>
  new DevenvError(
    'NOT_READY',
    `The servers have not been told of the account ${account} yet: to them, ${user} belongs to ${seen}.`,
    {
      hint: `Run \`devenv up\`, which tells them. Streams do not move between accounts: those of ${seen} stay where they are, and what is declared for ${account} is made anew, empty.`,
    },
  );

async function withClient<T>(
  access: NatsAccess,
  signal: AbortSignal,
  body: (client: Client, nats: Nats) => Promise<T>,
): Promise<T> {
  const nats = await import('../adapters/nats.ts');
  const client = await nats.connectNats(access, { signal, timeoutMs: REQUEST_WITHIN_MS, name: 'devenv' });
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

/** All accounts share what the servers have, whatever limits of their own they are given. */
function summed(reports: readonly LiveUsage[], stores: { memory: number; file: number }): LiveUsage {
  const [only, ...others] = reports;
  if (only !== undefined && others.length === 0) return only;
  const total = (storage: 'memory' | 'file') => ({
    used: reports.reduce((sum, report) => sum + report[storage].used, 0),
    reserved: reports.reduce((sum, report) => sum + report[storage].reserved, 0),
    limit: stores[storage],
  });
  return {
    memory: total('memory'),
    file: total('file'),
    streams: reports.flatMap(({ streams }) => streams),
    consumers: reports.flatMap(({ consumers }) => consumers),
  };
}
