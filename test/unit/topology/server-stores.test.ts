import { describe, expect, it } from 'vitest';
import { accountChange, storeChange } from '../../../src/topology/server-stores.ts';
import { someAccount, someTopology } from '../../helpers/topology.ts';

const topologyOf = (servers: number) => {
  const { nats, ...rest } = someTopology();
  return someTopology({ ...rest, nats: { ...nats, servers } });
};
const clusterOf = (size: number) => Array.from({ length: size }, (_, at) => `nats-${at + 1}`);

describe('storeChange', () => {
  it.each([
    ['nothing was stored', [], 1],
    ['nothing was stored, three servers', [], 3],
    ['the same single server', ['nats'], 1],
    ['the same cluster', clusterOf(3), 3],
    ['a cluster that grows', clusterOf(3), 5],
    ['back to the single server', ['nats', ...clusterOf(3)], 1],
    ['back to the cluster', ['nats', ...clusterOf(3)], 3],
  ])('says nothing: %s', (_name, stores, servers) => {
    expect(storeChange(stores, topologyOf(servers))).toBeNull();
  });

  it('says that a cluster starts empty', () => {
    expect(storeChange(['nats'], topologyOf(3))).toMatch(
      /servers is 3 now.*starts empty.*until nats.servers is 1/,
    );
  });

  it('says that a single server starts empty', () => {
    expect(storeChange(clusterOf(3), topologyOf(1))).toMatch(
      /servers is 1 now.*starts empty.*servers is 3 again/,
    );
  });

  it('refuses to leave servers of a cluster out', () => {
    expect(() => storeChange(['nats', ...clusterOf(5)], topologyOf(3))).toThrow(
      expect.objectContaining({
        code: 'TOPOLOGY_CONFLICT',
        message: expect.stringContaining('nats-4, nats-5 still hold copies'),
        hint: expect.stringContaining('back to 5'),
      }),
    );
  });
});

describe('accountChange', () => {
  const accounts = (...names: string[]) => ({ accounts: names.map((name) => someAccount(name)) });

  it('says nothing while every account is still there', () => {
    expect(accountChange(['$G'], accounts('$G'))).toBeNull();
    expect(accountChange(['A'], accounts('A', 'B'))).toBeNull();
  });

  it.each([
    [
      ['$G'],
      ['A'],
      "those of the server's own account stay in the servers' stores, out of sight, until none is declared again",
    ],
    [['A', 'B'], ['B', 'C'], 'accounts are B, C now. Streams do not move between accounts: those of A stay'],
    [['A'], ['$G'], "accounts are the server's own one now."],
  ])('from %j to %j tells where the streams are', (before, now, text) => {
    expect(accountChange(before, accounts(...now))).toContain(text);
  });
});
