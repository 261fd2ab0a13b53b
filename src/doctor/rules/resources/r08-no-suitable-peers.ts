import { eligibleServers } from '../../../topology/placement.ts';
import type { StaticFacts } from '../../facts.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';
import { writtenStreams } from '../../written/streams.ts';

export const r08NoSuitablePeers = defineRule({
  id: 'R08',
  title: 'fewer suitable servers than copies',
  severity: 'error',
  meaning:
    'A stream asks for more copies than there are servers, or than there are servers with the tags that it names.',
  cause:
    'Every copy lives on another server, and with placement only on servers that have all of the tags. devenv gives its ' +
    'servers one tag each, az:1, az:2 and so on, and the copies of a stream are spread over them: a stream with a tag ' +
    'can have one copy. A server that is alone looks at no tags.',
  fix: 'Ask for as many copies as there are suitable servers (1, 3 or 5), run more servers, or leave the tags out.',
  symptoms: ['no suitable peers for placement', "no suitable peers for placement, tags not matched ['az:9']"],
  codes: [10005],
  *static(facts: StaticFacts) {
    const servers = facts.project?.topology.nats.servers ?? 1;
    const cluster = facts.confs.map(serverConf).filter((conf) => conf.cluster !== undefined).length;
    for (const stream of writtenStreams(facts)) {
      const { replicas = 1, placement = [] } = stream.fields;
      if (stream.kind === 'manifest') {
        if (cluster < 2 || replicas <= cluster) continue;
        yield {
          place: stream.place('replicas'),
          cause: `${stream.title} asks for ${replicas} copies, and the cluster has ${cluster} servers.`,
          fix: `Write at most ${cluster % 2 === 0 ? cluster - 1 : cluster}.`,
        };
        continue;
      }
      if (servers === 1) continue;
      const suitable = eligibleServers(placement, servers).length;
      if (replicas <= suitable) continue;
      const tags = placement.map((tag) => `"${tag}"`).join(' and ');
      yield placement.length === 0
        ? {
            place: stream.place('replicas'),
            cause: `${stream.title} asks for ${replicas} copies, and there are ${servers} servers.`,
            fix: `Write replicas: ${servers}, or nats.servers: ${replicas <= 5 ? 5 : replicas}.`,
          }
        : {
            place: stream.place('placement', 0),
            cause: `${stream.title} asks for ${replicas} ${replicas === 1 ? 'copy' : 'copies'} on servers with ${tags}, and ${suitable === 0 ? 'none has' : `${suitable} of ${servers} has`} ${placement.length === 1 ? 'that tag' : 'all of these tags'}.`,
            fix:
              suitable === 0
                ? `Write one tag of az:1 to az:${servers} and replicas: 1, or leave placement out.`
                : `Write replicas: ${suitable}, or leave placement out.`,
            symptom: `no suitable peers for placement, tags not matched [${placement.map((tag) => `'${tag}'`).join(', ')}]`,
          };
    }
  },
});
