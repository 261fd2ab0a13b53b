import { object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** Other projects want one as well. */
const NEARLY_ALL = 2;
const NAMED = 8;

/** E15: the engine has no address pool left for another network. */
export const e15NoNetworkLeft = defineRule({
  id: 'E15',
  title: 'no address pool left for a container network',
  severity: 'error',
  meaning:
    'The Docker engine has given out all its address pools, so no further Compose project can have a network.',
  cause:
    'Every Compose project makes a network, and an engine that was not told otherwise has address pools for 31 of them. Networks of projects ' +
    'that were not taken down stay for ever, and each keeps a pool; so do VPNs that use the same addresses.',
  fix: 'Remove networks that no container uses: `docker network prune`, and `devenv down` in projects of devenv that are left over.',
  symptoms: [
    'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    'all predefined address pools have been fully subnetted',
  ],
  matches: [/non-overlapping IPv4 address pool/i, /address pools have been fully subnetted/i],
  *machine({ networks }) {
    if (networks?.ok !== true) return;
    const { pools, unused } = networks.value;
    if (pools.free > NEARLY_ALL) return;
    const ours = unused.filter(({ projectDir }) => projectDir !== undefined);
    const names = unused.map(({ name }) => name);
    const list = [
      ...names.slice(0, NAMED),
      ...(names.length > NAMED ? [`${names.length - NAMED} more`] : []),
    ].join(', ');
    yield {
      place: object('Docker networks'),
      severity: pools.free === 0 ? 'error' : 'warning',
      cause: `${pools.total - pools.free} of the ${pools.total} address pools of the Docker engine are in use${names.length === 0 ? '' : `; no container uses ${list}`}.`,
      fix: [
        ...ours.map(
          ({ environment, projectDir }) => `Run \`devenv down --name ${environment}\` in ${projectDir}.`,
        ),
        names.length > 0
          ? '`docker network prune` removes every network that no container uses.'
          : 'Every network has containers: take down a project that is not needed, or give the engine more `default-address-pools` in daemon.json.',
      ].join(' '),
    };
  },
});
