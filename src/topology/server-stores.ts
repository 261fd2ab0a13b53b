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
