import { natsServers } from '../../../topology/servers.ts';
import { known, object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** E10: a server sends clients to addresses that they cannot reach. */
export const e10UnreachableAddresses = defineRule({
  id: 'E10',
  title: 'servers advertise addresses that clients cannot reach',
  severity: 'error',
  meaning: 'A server tells its clients to reconnect to addresses that are no use outside of its own network.',
  cause:
    'Servers of a cluster tell every client the addresses of all of them, as they see themselves: in containers those are addresses of the ' +
    'container network. A client on the host learns them, and when its server goes away it tries to reconnect there and hangs.',
  fix: 'Write `no_advertise: true` in the cluster block, or `client_advertise` with the address that clients use; or let clients ignore what they are told.',
  symptoms: [
    'client reconnects to 172.20.0.3:4222',
    'connect ETIMEDOUT 172.20.0.3:4222',
    'connect EHOSTUNREACH 172.20.0.3:4222',
  ],
  *live({ servers, deployment }) {
    const { ports, topology, runtime } = deployment;
    const published = new Set(natsServers(topology).map(({ clientPort }) => ports[clientPort]));
    for (const { name, advertised } of servers) {
      const wrong = (known(advertised) ?? []).filter(({ address, reachable }) => {
        const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
        const isOurs = /^(127\.|localhost$|\[::1\]$)/.test(host ?? '') && published.has(Number(port));
        return !isOurs && (!reachable || runtime === 'docker');
      });
      if (wrong.length === 0) continue;
      const hopeless = wrong.some(({ reachable }) => !reachable);
      yield {
        place: object(`server ${name}`),
        severity: hopeless ? 'error' : 'warning',
        cause: `${name} tells clients to connect to ${wrong.map(({ address }) => address).join(', ')}, ${hopeless ? 'which cannot be reached from this machine' : 'addresses of the container network, which only some machines route'}.`,
        fix: 'Write `no_advertise: true` into the cluster block of nats.conf (devenv does), or `client_advertise: "127.0.0.1:<published port>"`.',
        symptom: `connect ETIMEDOUT ${wrong[0]!.address}`,
      };
    }
  },
});
