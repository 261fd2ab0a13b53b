import { formatSize } from '../../../topology/sizes.ts';
import type { LiveFacts, LiveServer } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { known, object } from '../../live/readings.ts';
import { serverLines } from '../../live/server-log.ts';
import { defineRule } from '../../rule.ts';

/** E06: streams that lie in the store and that the server does not know. */
export const e06StreamsNotRecovered = defineRule({
  id: 'E06',
  title: 'stored streams are not recovered',
  severity: 'error',
  meaning:
    'The store on the disk holds streams that the server did not take up when it started, or takes up beyond its limit.',
  cause:
    'max_bytes of every stream is reserved again at each start. When max_file_store was made smaller on an old volume, 2.9 and 2.10 leave out ' +
    'the streams that no longer fit: they vanish from every list, with nothing but a warning in the log, and their messages stay in the folder. ' +
    'Newer servers take them all up and are over their limit, so that no further stream can be made.',
  fix: 'Raise max_file_store to at least the sum of all max_bytes and restart the server: the streams come back with their messages. Do not create them anew before that.',
  symptoms: [
    'Error recreating stream "ORDERS": insufficient storage resources available (10047)',
    "JetStream stream '$G > ORDERS' could not be recovered",
    'stream not found',
  ],
  matches: [/Error recreating stream/i, /could not be recovered/i],
  versions: '2.9 and 2.10 leave streams out; 2.15 goes over its limit',
  *live(facts) {
    for (const server of facts.servers) {
      yield* forgotten(facts, server);
      const jsz = known(server.jsz);
      if (jsz !== undefined && jsz.maxStorage > 0 && jsz.reservedStorage > jsz.maxStorage)
        yield {
          place: object(`server ${server.name}`),
          cause: `The streams of ${server.name} reserve ${formatSize(jsz.reservedStorage)}, and its max_file_store is ${formatSize(jsz.maxStorage)}: no further stream can be made, and older servers would leave some out at the next start.`,
          fix: `Raise max_file_store to ${formatSize(jsz.reservedStorage)} or more, or lower max_bytes of streams.`,
          symptom: 'insufficient storage resources available',
        };
    }
  },
});

function* forgotten(facts: LiveFacts, { name, stored, jsz }: LiveServer): Iterable<Report> {
  const limit = known(jsz)?.maxStorage;
  for (const { account, streams } of facts.accounts) {
    const names = known(streams)?.map((stream) => stream.name);
    if (names === undefined) continue;
    for (const folder of known(stored) ?? []) {
      const stream = folder.slice(folder.indexOf('/') + 1);
      if (folder !== `${account}/${stream}` || names.includes(stream)) continue;
      const said = serverLines(facts).find(
        ({ service, text }) =>
          service === name && text.includes(`"${stream}"`) && /recreating stream|recover/i.test(text),
      );
      yield {
        place: object(`stream ${stream}`),
        cause: `The store of ${name} holds ${stream} of account ${account}, but the server does not know the stream: it was not recovered${limit === undefined ? '' : `, most likely because max_file_store is ${formatSize(limit)} now`}.`,
        fix: `Raise nats.max_file_store so that all max_bytes fit and run \`devenv up\`: the stream comes back with its messages. If it is not wanted any more, remove the folder ${folder.replace('/', '/streams/')} from the store.`,
        ...(said === undefined ? {} : { symptom: said.text.trim() }),
      };
    }
  }
}
