import { formatSize } from '../../../topology/sizes.ts';
import type { LiveFacts, LiveServer } from '../../facts.ts';
import { known, object } from '../../live/readings.ts';
import { serverLines } from '../../live/server-log.ts';
import { defineRule } from '../../rule.ts';

const SAID =
  /out of space, will be DISABLED|no space left on device|critical write error|disk quota exceeded/i;
/** Less than a block of the file store. */
const NEARLY_NOTHING = 8 * 1024 ** 2;

/** E12: the disk under the store is full. */
export const e12OutOfSpace = defineRule({
  id: 'E12',
  title: 'disk under the store is full',
  severity: 'error',
  meaning: 'JetStream cannot write because the disk that its store is on has no space left.',
  cause:
    'max_file_store is a promise, not a reservation of the disk: other files, images and volumes fill it too. What follows depends on the ' +
    'version: 2.9 stops answering every JetStream request and /jsz without a word in its log, 2.10 refuses each message with 10077, newer ' +
    'ones stop the stream until a restart. /healthz stays 200 on 2.9 and 2.10.',
  fix: 'Make space on the disk, or put the store on a larger one; then restart the server. Keep max_file_store below what the disk really has.',
  symptoms: [
    'JetStream out of space, will be DISABLED',
    "JetStream failed to store a msg on stream '$G > ORDERS': write …/msgs/1.blk: no space left on device",
    'Filestore [ORDERS] Critical write error: no space left on device',
  ],
  matches: [SAID],
  versions: '2.9 hangs without a log line, 2.10 goes on refusing, 2.15 stops the stream',
  *live(facts) {
    for (const server of facts.servers) {
      const { name, disk, jsz, varz } = server;
      const space = known(disk);
      const limit = known(jsz)?.maxStorage;
      const said = evidence(facts, server);
      const isFull = space !== undefined && space.free < NEARLY_NOTHING;
      // /varz takes no locks: a server that answers it and never /jsz is stuck in its store.
      const hangs = varz.ok && !jsz.ok;
      if (said !== undefined || isFull)
        yield {
          place: object(`server ${name}`),
          cause: `The disk under the store of ${name} is full${space === undefined ? '' : ` (${formatSize(space.free)} of ${formatSize(space.total)} free)`}${hangs ? ', and its JetStream does not answer any more' : ''}.`,
          fix: `Make space on that disk, then run \`devenv restart ${name}\`.`,
          ...(said === undefined ? {} : { symptom: said }),
        };
      else if (space !== undefined && limit !== undefined && space.free < limit - (known(jsz)?.storage ?? 0))
        yield {
          place: object(`server ${name}`),
          severity: 'note',
          cause: `${name} may store ${formatSize(limit)} and its disk has ${formatSize(space.free)} left: it will be full before max_file_store is.`,
          fix: 'Lower nats.max_file_store to what the disk has, or make space.',
        };
    }
  },
});

function evidence(facts: LiveFacts, { name, healthz }: LiveServer): string | undefined {
  const health = known(healthz)?.text;
  if (health !== undefined && SAID.test(health)) return health;
  return serverLines(facts)
    .findLast(({ service, text }) => service === name && SAID.test(text))
    ?.text.trim();
}
