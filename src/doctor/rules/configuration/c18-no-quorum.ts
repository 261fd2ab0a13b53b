import type { LiveFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { counted, known, object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** C18: half of the servers or fewer cannot decide anything. */
export const c18NoQuorum = defineRule({
  id: 'C18',
  title: 'too few servers for JetStream',
  severity: 'error',
  meaning:
    'Fewer than half plus one of the servers of a cluster are up and connected, so JetStream has no leader.',
  cause:
    'Streams, consumers and the cluster itself are decided upon by a majority: 2 of 3 servers, 3 of 5. With fewer, core NATS goes on, ' +
    'and everything of JetStream waits or fails. For some ten seconds after the others went away, the last leader still calls itself one, ' +
    'and from 2.10 on /healthz goes on saying 200.',
  fix: 'Bring the servers that are away back (`devenv up`), and see in their logs why they went or why their routes are refused.',
  symptoms: [
    'JetStream has not established contact with a meta leader',
    'JetStream is still recovering meta layer',
    'JetStream system temporarily unavailable',
    'Waiting for routing to be established...',
    'JetStream cluster no metadata leader',
    "Healthcheck failed: JetStream stream 'ORDERS' is not current",
  ],
  matches: [/no metadata leader/i, /healthcheck failed.*(not current|meta leader)/i],
  codes: [10008],
  *live(facts) {
    const { servers } = facts;
    if (servers.length < 2) return;
    const needed = Math.floor(servers.length / 2) + 1;
    const away = servers.filter(({ varz }) => !varz.ok);
    const up = servers.length - away.length;
    const names = away.map(({ name }) => name).join(', ');
    if (up < needed)
      yield {
        place: object(`cluster ${facts.deployment.environment.id}`),
        cause: `${up} of ${servers.length} servers ${up === 1 ? 'answers' : 'answer'} and ${needed} are needed, so JetStream decides nothing: ${away
          .map(({ name, varz }) => `${name} (${varz.ok ? '' : varz.reason})`)
          .join(', ')}.`,
        fix: `Start ${names} again with \`devenv up\`; \`devenv logs ${away[0]?.name}\` tells why it went.`,
      };
    else yield* leaderless(facts, up, needed);
    if (up >= needed && away.length > 0)
      yield {
        place: object(`server ${names}`),
        severity: 'warning',
        cause: `${names} ${away.length === 1 ? 'does' : 'do'} not answer; JetStream goes on with ${up} of ${servers.length} servers and stops when fewer than ${needed} are left.`,
        fix: `Start ${names} again with \`devenv up\`; \`devenv logs ${away[0]?.name}\` tells why it went.`,
      };
  },
});

/** All are up, and yet nobody leads: routes that are refused, or an election under way. */
function* leaderless({ servers, deployment }: LiveFacts, up: number, needed: number): Iterable<Report> {
  const clusters = servers.flatMap(({ name, jsz }) => {
    const cluster = known(jsz)?.cluster;
    return cluster == null ? [] : [{ name, ...cluster }];
  });
  const place = object(`cluster ${deployment.environment.id}`);
  const fix =
    'Look for route errors in `devenv logs` (another cluster name, refused credentials); when there are none, ask again in ten seconds.';
  if (clusters.length > 0 && clusters.every(({ leader }) => leader === null))
    yield {
      place,
      cause: `${counted(up, 'server')} answer, but none of them knows a leader of JetStream.`,
      fix,
    };
  const leading = clusters.find(({ peersOnline }) => peersOnline !== null && peersOnline < needed);
  if (leading !== undefined)
    yield {
      place,
      cause: `${leading.name} leads JetStream but hears from ${leading.peersOnline! - 1} of the ${leading.size - 1} others; ${needed} servers have to be connected.`,
      fix,
    };
}
