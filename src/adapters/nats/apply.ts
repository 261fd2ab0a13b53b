import { setTimeout as delay } from 'node:timers/promises';
import { DevenvError } from '../../errors.ts';
import { type DeclaredTopology, diffTopology, type TopologyChange } from '../../topology/diff.ts';
import type { LiveTopology } from '../../topology/live.ts';
import type { NatsClient } from './client.ts';
import { apiCodeOf } from './failures.ts';
import { mendTopology } from './mend.ts';

/** After a cluster was restarted, each stream and consumer elects a leader of its own before it can be told. */
const ELECTION_MS = 10_000;
/** JSClusterNotAvailErr: the servers have not elected the one that speaks for all. */
const NO_LEADER = 10008;

const isElecting = (error: unknown): boolean =>
  (error instanceof DevenvError && error.code === 'NOT_READY') || apiCodeOf(error) === NO_LEADER;

/** The server as it is now, read in two round trips. Throws NOT_READY when streams keep being without a leader. */
export async function observeTopology(client: NatsClient): Promise<LiveTopology> {
  const deadline = performance.now() + ELECTION_MS;
  for (;;) {
    try {
      const streams = await client.listStreams();
      const consumers = await Promise.all(streams.map(({ name }) => client.listConsumers(name)));
      return { streams, consumers: consumers.flat() };
    } catch (error) {
      if (!isElecting(error) || performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}

/** The declared part of one account against what its server holds. */
export const compareTopology = async (
  client: NatsClient,
  declared: DeclaredTopology,
): Promise<TopologyChange[]> =>
  diffTopology(declared, await observeTopology(client), { natsVersion: client.serverVersion });

/**
 * One line per difference that `applyTopology` would mend; empty when all is as declared. Throws TOPOLOGY_CONFLICT
 * for what it may not touch.
 */
export async function topologyDifferences(client: NatsClient, declared: DeclaredTopology): Promise<string[]> {
  return mendable(await compareTopology(client, declared)).map(describeChange);
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
  const changes = mendable(await compareTopology(client, declared));
  await mendTopology(client, declared, changes, { signal });
  return changes.map(describeChange);
}

/** `stream MESSAGES: created`, `stream MESSAGES: max_age 1d → 7d` */
export const describeChange = ({ kind, object, field, declared, live }: TopologyChange): string =>
  kind === 'create' ? `${object}: create` : `${object}: ${field} ${live} → ${declared}`;

function mendable(changes: readonly TopologyChange[]): TopologyChange[] {
  const conflicts = changes.filter(({ kind, dangerous }) => kind === 'immutable' || dangerous);
  if (conflicts.length > 0) throw conflict(conflicts);
  return changes.filter(({ kind }) => kind === 'create' || kind === 'update');
}

function conflict(conflicts: readonly TopologyChange[]): DevenvError {
  const objects = [...new Set(conflicts.map(({ object }) => object))].join(', ');
  return new DevenvError(
    'TOPOLOGY_CONFLICT',
    `${objects}: live and declared differ in a way that devenv does not mend`,
    {
      details: conflicts.map(({ object, field, declared, live, reason }) =>
        field === undefined
          ? `${object}: ${reason}`
          : `${object}: ${field} is ${live}, declared ${declared}: ${reason}`,
      ),
      hint:
        'Change the declaration back, see `devenv topology diff` and make the change with ' +
        '`devenv topology apply --allow-data-loss`, or start over with `devenv down --volumes` (this deletes all messages).',
    },
  );
}
