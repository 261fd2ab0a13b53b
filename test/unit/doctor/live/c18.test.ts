import { describe, expect, it } from 'vitest';
import { c18NoQuorum } from '../../../../src/doctor/rules/configuration/c18-no-quorum.ts';
import { someNats, someTopology } from '../../../helpers/topology.ts';
import { failed, got, live, said, someDeployment, someJsz, someLiveFacts, someServer } from './facts.ts';

const cluster = someDeployment(someTopology({ nats: { ...someNats, servers: 3 } }));
const away = { varz: failed('/varz: nothing listens on 127.0.0.1:1'), jsz: failed('away') };
const inCluster = (leader: string | null, peersOnline: number | null) => ({
  jsz: got(someJsz({ cluster: { leader, size: 3, peersOnline } })),
});

describe('C18, a majority', () => {
  it('is missing when two of three servers are away, whatever the third believes', () => {
    const servers = [
      someServer('nats-1', inCluster('n1', 3)),
      someServer('nats-2', away),
      someServer('nats-3', away),
    ];
    expect(said(live(c18NoQuorum, someLiveFacts({ servers }, cluster)))).toEqual([
      'cluster devenv-shop-1 error: 1 of 3 servers answers and 2 are needed, so JetStream decides nothing: ' +
        'nats-2 (/varz: nothing listens on 127.0.0.1:1), nats-3 (/varz: nothing listens on 127.0.0.1:1).',
    ]);
  });

  it('is missing when all are up and none knows a leader', () => {
    const servers = ['nats-1', 'nats-2', 'nats-3'].map((name) => someServer(name, inCluster(null, null)));
    expect(said(live(c18NoQuorum, someLiveFacts({ servers }, cluster)))).toEqual([
      'cluster devenv-shop-1 error: 3 servers answer, but none of them knows a leader of JetStream.',
    ]);
  });

  it('is missing when the leader hears of nobody', () => {
    const servers = [
      someServer('nats-1', inCluster('n1', 1)),
      someServer('nats-2', inCluster(null, null)),
      someServer('nats-3', inCluster(null, null)),
    ];
    expect(said(live(c18NoQuorum, someLiveFacts({ servers }, cluster)))).toEqual([
      'cluster devenv-shop-1 error: nats-1 leads JetStream but hears from 0 of the 2 others; 2 servers have to be connected.',
    ]);
  });

  it('is there with two of three, which is worth a warning', () => {
    const servers = [
      someServer('nats-1', inCluster('n1', 2)),
      someServer('nats-2', inCluster('n1', null)),
      someServer('nats-3', away),
    ];
    expect(said(live(c18NoQuorum, someLiveFacts({ servers }, cluster)))).toEqual([
      'server nats-3 warning: nats-3 does not answer; JetStream goes on with 2 of 3 servers and stops when fewer than 2 are left.',
    ]);
  });

  it('is no matter of a whole cluster, nor of a server that is alone', () => {
    const servers = [
      someServer('nats-1', inCluster('n1', 3)),
      someServer('nats-2', inCluster('n1', null)),
      someServer('nats-3', inCluster('n1', null)),
    ];
    expect(live(c18NoQuorum, someLiveFacts({ servers }, cluster))).toEqual([]);
    expect(live(c18NoQuorum, someLiveFacts({ servers: [someServer('nats', away)] }))).toEqual([]);
  });
});
