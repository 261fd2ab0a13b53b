import { rejectedRoutes } from '../../live/rejected-routes.ts';
import { defineRule } from '../../rule.ts';
import { areJoined, members } from './cluster-members.ts';

/** C17: servers with routes to each other have to name the same cluster. */
export const c17ClusterNamesDiffer = defineRule({
  id: 'C17',
  title: 'servers of one cluster name it differently',
  severity: 'error',
  meaning: 'Two servers have routes to each other, but the names of their clusters differ.',
  cause:
    'A server rejects every route from a server whose cluster has another name. Both go on running, each alone: half of the messages reach nobody, and JetStream finds no quorum.',
  fix: 'Write the same name within cluster in every file. Joining two clusters on purpose is what gateways are for.',
  symptoms: ['Rejecting connection, cluster name "C2" does not match "C1"'],
  matches: [/cluster name "[^"]*" does not match/i],
  *static(facts) {
    const named = members(facts).filter(
      ({ clustered, clusterName }) => clustered && clusterName !== undefined,
    );
    for (const [index, member] of named.entries()) {
      const mine = member.clusterName!;
      const others = named.slice(0, index).filter((other) => areJoined(member, other));
      const other = others.find(({ clusterName }) => clusterName!.value !== mine.value);
      // The same file read twice, or told already by an earlier one of the same name.
      if (other === undefined || others.some(({ clusterName }) => clusterName!.value === mine.value))
        continue;
      const theirs = other.clusterName!.value;
      yield {
        place: mine.place,
        cause: `${member.label} calls its cluster "${mine.value}" and ${other.label}, which it has a route to, "${theirs}".`,
        fix: `Write "${theirs}" here, or the same other name in every file.`,
        symptom: `Rejecting connection, cluster name "${mine.value}" does not match "${theirs}"`,
      };
    }
  },
  live: rejectedRoutes,
});
