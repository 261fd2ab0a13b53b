import { DevenvError } from '../errors.ts';
import type { Topology } from './model.ts';
import { natsServers } from './servers.ts';

/**
 * What becomes of the streams when `nats.servers` was changed. `stores` are the services that have stored something
 * before. A server that is alone and a cluster keep their streams in stores of their own and never read each other's,
 * so a change between them starts empty and loses nothing: that is said in a sentence, or null. Throws
 * TOPOLOGY_CONFLICT when servers of a cluster would go away with their copies.
 */
export function storeChange(stores: readonly string[], topology: Topology): string | null {
  const wanted = natsServers(topology).map(({ service }) => service);
  const before = stores.filter((service) => !wanted.includes(service));
  const count = wanted.length;
  const gone = before.filter((service) => service !== 'nats');
  if (count > 1 && gone.length > 0)
    throw shrunk(gone, count, stores.length - Number(before.includes('nats')));
  if (before.length === 0 || stores.some((service) => wanted.includes(service))) return null;
  return count > 1
    ? `nats.servers is ${count} now. Streams do not move from a single server into a cluster: the cluster starts empty, and those of the single server stay in its store until nats.servers is 1 again`
    : `nats.servers is 1 now. Streams do not move from a cluster into a single server: it starts empty, and those of the cluster stay in its stores until nats.servers is ${gone.length} again`;
}

const shrunk = (gone: readonly string[], count: number, before: number): DevenvError =>
  new DevenvError(
    'TOPOLOGY_CONFLICT',
    `nats.servers is ${count}, and ${gone.join(', ')} still hold${gone.length === 1 ? 's' : ''} copies of streams: a cluster cannot be made smaller by leaving servers out`,
    {
      hint: `Set nats.servers back to ${before}, or start over with \`devenv down --volumes\` (this deletes all messages).`,
    },
  );

/** What becomes of the streams of accounts that are declared no more, in a sentence; null when all are still there. */
export function accountChange(
  before: readonly string[],
  { accounts }: Pick<Topology, 'accounts'>,
): string | null {
  const gone = before.filter((name) => accounts.every((account) => account.name !== name));
  if (gone.length === 0) return null;
  const now = accounts.map(({ name }) => (name === SERVERS_OWN ? "the server's own one" : name)).join(', ');
  const what = gone.map((name) => (name === SERVERS_OWN ? "the server's own account" : name)).join(', ');
  const until = gone.includes(SERVERS_OWN) ? 'none is declared' : 'it is declared';
  return `accounts are ${now} now. Streams do not move between accounts: those of ${what} stay in the servers' stores, out of sight, until ${until} again`;
}

/** Where everything is while no account is declared. */
const SERVERS_OWN = '$G';
