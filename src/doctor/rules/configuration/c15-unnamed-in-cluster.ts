import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { entryOf, mapOf, placeOf, textIn } from '../../nats-conf/conf-values.ts';
import { addressIn } from '../../nats-conf/start/listeners.ts';
import { defineRule } from '../../rule.ts';
import { type Member, members } from './cluster-members.ts';

const NO_ROUTES = 'JetStream cluster requires configured routes or solicited leafnode for the system account';

/** C15: JetStream in a cluster keeps data by the names of servers, so they have to have one. */
export const c15UnnamedInCluster = defineRule({
  id: 'C15',
  title: 'JetStream in a cluster without names or routes',
  severity: 'error',
  meaning: 'A server with JetStream and a cluster has no server_name, no cluster name or no route.',
  cause:
    'JetStream in a cluster assigns streams to servers by name and finds the others by routes. `nats-server -t` accepts a file without them; the server then refuses to start.',
  fix: 'Give every server a server_name of its own, all of them the same cluster name, and all of them the same list of routes (a route to itself does no harm).',
  symptoms: [
    'jetstream cluster requires `server_name` to be set',
    'jetstream cluster requires `cluster.name` to be set',
    NO_ROUTES,
  ],
  *static(facts: StaticFacts): Iterable<Report> {
    for (const member of members(facts)) {
      const { label, place, clustered, jetstream, serverName, clusterName, conf, routes } = member;
      if (!jetstream || !(clustered || hasGateway(member))) continue;
      // One that comes from a variable is named all the same.
      if (clustered && serverName === undefined && conf?.serverName === undefined)
        yield {
          place,
          cause: `${label} has JetStream and a cluster, but no server_name.`,
          fix: 'Write server_name: "nats-1" at the top of the file, with another name for each server.',
          symptom: 'jetstream cluster requires `server_name` to be set',
        };
      else if (clustered && clusterName === undefined)
        yield {
          place,
          cause: `${label} has JetStream and a cluster, but the cluster has no name.`,
          fix: 'Write name: "C1" within cluster, the same for all of its servers.',
          symptom: 'jetstream cluster requires `cluster.name` to be set',
        };
      else if (routes.length === 0 && !extendsAnother(member))
        yield {
          place: conf?.cluster === undefined ? place : placeOf(conf.cluster.span),
          cause: `${label} has JetStream and a ${clustered ? 'cluster' : 'gateway'}, but no route to another server.`,
          fix: 'List the servers within cluster: routes: ["nats-route://nats-1:6222", "nats-route://nats-2:6222", "nats-route://nats-3:6222"]; or leave the cluster out when the server is alone.',
          symptom: `[FTL] Can't start JetStream: ${NO_ROUTES}`,
        };
    }
  },
});

/** Does it get into another cluster as a leaf of the system account? */
function extendsAnother({ conf }: Member): boolean {
  const leaf = conf && mapOf(entryOf(conf.document.entries, 'leafnodes', 'leaf'));
  const remotes = leaf && entryOf(leaf, 'remotes')?.value;
  const system = conf?.systemAccount?.value || '$SYS';
  return (
    remotes?.kind === 'list' &&
    remotes.items.some(
      (remote) => remote.kind === 'map' && textIn(remote.entries, 'account', 'local')?.value === system,
    )
  );
}

/** A gateway makes it a part of something larger as well: then it has no cluster of its own to be named. */
function hasGateway({ conf }: Member): boolean {
  const gateway = conf && mapOf(entryOf(conf.document.entries, 'gateway'));
  return gateway !== undefined && (addressIn(gateway)?.port ?? 0) !== 0;
}
