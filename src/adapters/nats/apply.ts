import { setTimeout as delay } from 'node:timers/promises';
import { DevenvError } from '../../errors.ts';
import { type DeclaredTopology, diffTopology, type TopologyChange } from '../../topology/diff.ts';
import type { LiveTopology } from '../../topology/live.ts';
import type { NatsClient } from './client.ts';
import { apiCodeOf } from './failures.ts';

/** The server as it is now, read in two round trips. */
export async function observeTopology(client: NatsClient): Promise<LiveTopology> {
  const streams = await client.listStreams();
  const consumers = await Promise.all(streams.map(({ name }) => client.listConsumers(name)));
  return { streams, consumers: consumers.flat() };
}

/**
 * One line per difference that `applyTopology` would mend; empty when all is as declared. Throws TOPOLOGY_CONFLICT
 * for what it may not touch.
 */
export async function topologyDifferences(client: NatsClient, declared: DeclaredTopology): Promise<string[]> {
  return mendable(declared, await observeTopology(client)).map(describeChange);
}

/**
 * Creates what is missing and updates what differs, streams before consumers. Returns one line per
 * change made. Throws TOPOLOGY_CONFLICT, before it touches anything, when a field cannot be changed or when changing
 * it would lose messages; BUDGET_EXCEEDED, SUBJECTS_OVERLAP or NATS_FAILED for what the server refuses.
 */
export async function applyTopology(
  client: NatsClient,
  declared: DeclaredTopology,
  { signal }: { signal: AbortSignal },
): Promise<string[]> {
  const changes = mendable(declared, await observeTopology(client));
  signal.throwIfAborted();
  await mendStreams(
    client,
    declared,
    changes.filter(({ type }) => type === 'stream'),
    signal,
  );
  signal.throwIfAborted();
  await mendConsumers(
    client,
    declared,
    changes.filter(({ type }) => type === 'consumer'),
  );
  return changes.map(describeChange);
}

/** `stream MESSAGES: created`, `stream MESSAGES: max_age 1d → 7d` */
export const describeChange = ({ kind, object, field, declared, live }: TopologyChange): string =>
  kind === 'create' ? `${object}: create` : `${object}: ${field} ${live} → ${declared}`;

function mendable(declared: DeclaredTopology, live: LiveTopology): TopologyChange[] {
  const changes = diffTopology(declared, live);
  const conflicts = changes.filter(({ kind, dangerous }) => kind === 'immutable' || dangerous);
  if (conflicts.length > 0) throw conflict(conflicts);
  return changes.filter(({ kind }) => kind === 'create' || kind === 'update');
}

async function mendStreams(
  client: NatsClient,
  declared: DeclaredTopology,
  changes: readonly TopologyChange[],
  signal: AbortSignal,
) {
  // Updates come first: a narrowed stream may be what makes room for a new one.
  for (const kind of ['update', 'create'] as const) {
    const names = new Set(changes.filter((change) => change.kind === kind).map(({ stream }) => stream));
    const streams = declared.streams.filter(({ name }) => names.has(name));
    const mend = kind === 'create' ? client.createStream : client.updateStream;
    // One after another: created at once, two streams can together reserve more than there is (seen on 2.15.1).
    for (const stream of streams) await onceJoined(() => mend.call(client, stream), signal);
  }
}

/** A cluster that has just come up may have a leader that does not know yet what the other servers can hold. */
const JOINING_MS = 5_000;
const JOINING_CODES = new Set([10005, 10008]);

async function onceJoined<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + JOINING_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const code = apiCodeOf(error);
      if (code === undefined || !JOINING_CODES.has(code) || performance.now() > deadline) throw error;
      await delay(100, undefined, { signal });
    }
  }
}

async function mendConsumers(
  client: NatsClient,
  declared: DeclaredTopology,
  changes: readonly TopologyChange[],
) {
  await all(
    declared.consumers.flatMap((consumer) => {
      const change = changes.find(
        (candidate) => candidate.stream === consumer.stream && candidate.consumer === consumer.name,
      );
      if (change === undefined) return [];
      return [change.kind === 'create' ? client.createConsumer(consumer) : client.updateConsumer(consumer)];
    }),
  );
}

/** Waits for all of them before it throws the first failure, so that nothing is still under way afterwards. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function conflict(conflicts: readonly TopologyChange[]): DevenvError {
  const objects = [...new Set(conflicts.map(({ object }) => object))].join(', ');
  return new DevenvError(
    'TOPOLOGY_CONFLICT',
    `${objects}: live and declared differ in a way that devenv does not mend`,
    {
      details: conflicts.map(
        ({ object, field, declared, live, reason }) =>
          `${object}: ${field} is ${live}, declared ${declared}: ${reason}`,
      ),
      hint:
        'Change the declaration back, or start over with `devenv down --volumes` (this deletes all messages), ' +
        'or remove the stream or consumer yourself and run `devenv up` again.',
    },
  );
}
