import type { NatsConnection } from '@nats-io/transport-node';
import type { Topology } from '../../../../src/topology/model.ts';
import type { Refused } from './created-topology.ts';
import { nanos } from './raw-jetstream.ts';

/**
 * Pulls once the way every declared worker does, and returns what was refused. An accepted pull of an empty stream says
 * so by its first heartbeat, or by its end.
 */
export async function pulled(
  { services }: Topology,
  missing: readonly Refused[],
  connectionOf: (account: string) => Promise<NatsConnection>,
): Promise<Refused[]> {
  const absent = new Set(missing.map(({ object }) => object));
  const refused: Refused[] = [];
  for (const { account, works } of services) {
    for (const { stream, consumer, expires, idleHeartbeat } of works) {
      const object = `${stream}/${consumer}`;
      if (absent.has(stream) || absent.has(object) || expires === undefined || idleHeartbeat === undefined)
        continue;
      const nc = await connectionOf(account);
      const inbox = `pulled.${refused.length}`;
      const answers = nc.subscribe(inbox, { max: 1, timeout: 5_000 });
      const body = { batch: 1, expires: nanos(expires), idle_heartbeat: nanos(idleHeartbeat) };
      nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(body), { reply: inbox });
      const { value } = await answers[Symbol.asyncIterator]().next();
      if (value?.headers?.code === 400)
        refused.push({ object, code: 10088, text: `400 ${value.headers.description}` });
    }
  }
  return refused;
}
