import type { StaticFacts } from '../../facts.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { writtenStreams } from '../../written/streams.ts';

export const r07ReplicasWithoutCluster = defineRule({
  id: 'R07',
  title: 'copies of a stream on a server that is alone',
  severity: 'error',
  meaning: 'A stream asks for several copies, and there is one server.',
  cause:
    'Each copy lives on a server of its own. A server that is not in a cluster refuses to make more than one.',
  fix: 'Write replicas: 1, or run three servers (nats.servers: 3).',
  symptoms: ['replicas > 1 not supported in non-clustered mode'],
  codes: [10074],
  *static(facts: StaticFacts) {
    const servers = facts.project?.topology.nats.servers;
    const confs = facts.confs.map(serverConf).filter(({ jetstream }) => jetstream.enabled);
    const alone = confs.length === 1 && confs[0]?.cluster === undefined ? confs[0] : undefined;
    for (const stream of writtenStreams(facts)) {
      const { replicas = 1 } = stream.fields;
      if (replicas <= 1) continue;
      // What is written for other tools is made on other servers than devenv's own.
      const why =
        stream.kind !== 'manifest'
          ? servers === 1 && facts.project !== null
            ? `nats.servers is 1 (${placeText(facts.project.place(['nats', 'servers']))})`
            : undefined
          : alone && `the server of ${alone.document.file} is in no cluster`;
      if (why === undefined) continue;
      yield {
        place: stream.place('replicas'),
        cause: `${stream.title} asks for ${replicas} copies, and ${why}.`,
        fix: `Write ${stream.spelling('replicas')}: 1, or ${stream.kind === 'manifest' ? 'run a cluster' : 'nats.servers: 3'}.`,
      };
    }
  },
});
