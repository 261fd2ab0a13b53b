import { type Actor, actorsOf } from './actors.ts';
import { type CoreNode, coreFlows, type RequestNode, requestFlows } from './core-graph.ts';
import type { Flow } from './flow-index.ts';
import type { Topology } from './model.ts';
import { type StreamNode, streamGraph } from './stream-graph.ts';
import { SubjectTree } from './subject-tree.ts';

export type { CoreNode, RequestNode } from './core-graph.ts';
export type { Flow } from './flow-index.ts';
export type { ConsumerNode, StreamNode } from './stream-graph.ts';

/** Who sends what to whom, as it is declared: one picture for each account, since their subjects never meet. JSON-safe. */
export interface TopologyGraph {
  project: string;
  accounts: readonly AccountGraph[];
}

export interface AccountGraph {
  account: string;
  streams: readonly StreamNode[];
  /** Subjects that are not stored. */
  core: readonly CoreNode[];
  requests: readonly RequestNode[];
  /** Published where no stream keeps it and nobody subscribes. */
  unheard: readonly Flow[];
}

/** Only accounts in which something is declared. */
export function topologyGraph(topology: Topology): TopologyGraph {
  const actors = actorsOf(topology);
  const accounts = [...topology.accounts, topology.systemAccount].map(({ name: account }): AccountGraph => {
    const own = actors.filter((actor) => actor.account === account);
    const streams = streamGraph(topology, account, own);
    const core = coreFlows(topology, account, actors);
    return {
      account,
      streams,
      core,
      requests: requestFlows(own),
      unheard: unheard(own, [
        ...streams.flatMap(({ captures }) => captures),
        ...core.filter(({ subscribers }) => subscribers.length > 0).map(({ subject }) => subject),
        ...core.filter(({ declared }) => declared).map(({ subject }) => subject),
      ]),
    };
  });
  return {
    project: topology.project,
    accounts: accounts.filter(
      ({ streams, core, requests, unheard }) =>
        streams.length + core.length + requests.length + unheard.length > 0,
    ),
  };
}

function unheard(actors: readonly Actor[], heard: readonly string[]): Flow[] {
  const tree = new SubjectTree<true>();
  for (const pattern of heard) tree.add(pattern, true);
  return actors.flatMap(({ kind, name, role }) => {
    const subjects = role.publishes.filter((pattern) => tree.crossing(pattern).next().done);
    return subjects.length === 0 ? [] : [{ kind, name, subjects }];
  });
}
