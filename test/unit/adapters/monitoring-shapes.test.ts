import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountNames,
  clientConnections,
  healthAnswer,
  jetStreamState,
  serverState,
} from '../../../src/adapters/nats/monitoring-shapes.ts';

const usage = {
  memory: 0,
  storage: 0,
  reserved_memory: 0,
  reserved_storage: 5,
  config: { max_memory: 1, max_storage: 2 },
};
const heard = (name: string, parts: object = {}) => ({ name, current: true, active: 1e9, ...parts });
const cluster = (meta: object) =>
  jetStreamState({ ...usage, meta_cluster: { cluster_size: 3, ...meta } }).cluster;

describe('/jsz', () => {
  it('of a server that is alone', () => {
    expect(jetStreamState(usage)).toEqual({
      enabled: true,
      storage: 0,
      reservedStorage: 5,
      maxStorage: 2,
      memory: 0,
      reservedMemory: 0,
      maxMemory: 1,
      cluster: null,
    });
    expect(jetStreamState({ ...usage, disabled: true }).enabled).toBe(false);
  });

  it('of a leader counts those that it has heard of lately', () => {
    expect(cluster({ leader: 'n1', replicas: [heard('n2'), heard('n3')] })).toEqual({
      leader: 'n1',
      size: 3,
      peersOnline: 3,
    });
    const lost = [
      heard('n2', { active: 13e9 }),
      heard('n3', { current: false }),
      heard('n4', { offline: true }),
    ];
    expect(cluster({ leader: 'n1', replicas: lost })).toMatchObject({ peersOnline: 1 });
  });

  it('of a follower does not tell: 2.9 lists nobody, 2.15 those it never hears of', () => {
    expect(cluster({ leader: 'n1' })).toEqual({ leader: 'n1', size: 3, peersOnline: null });
    const replicas = [heard('n1'), heard('n3', { current: false, active: 0 })];
    expect(cluster({ leader: 'n1', replicas })).toEqual({ leader: 'n1', size: 3, peersOnline: null });
  });

  it('knows no leader', () => {
    expect(cluster({})).toMatchObject({ leader: null });
    expect(cluster({ leader: '' })).toMatchObject({ leader: null });
  });
});

describe('an answer', () => {
  it('that lacks what is needed is refused by its first field', () => {
    expect(() => serverState({})).toThrow('version is no string');
    expect(() => serverState(null)).toThrow('the whole answer is no object');
    expect(() => accountNames({ accounts: [1] })).toThrow('accounts.0 is no string');
    expect(() => clientConnections({ connections: [{ name: 'x' }] })).toThrow(
      'connections.0.cid is no number',
    );
  });

  it('about health is one line', () => {
    expect(healthAnswer({ status: 200, text: '{"status":"ok"}' })).toEqual({ status: 200, text: 'ok' });
    const unavailable =
      '{"status":"unavailable","error":"JetStream stream \'$G \\u003e B\' could not be recovered"}';
    expect(healthAnswer({ status: 503, text: unavailable }).text).toBe(
      "JetStream stream '$G > B' could not be recovered",
    );
    expect(healthAnswer({ status: 404, text: '<h1>\nnot here</h1>' }).text).toBe('<h1> not here</h1>');
  });

  it('of any kind is read or refused with an Error of one line', () => {
    const readers = [serverState, jetStreamState, clientConnections, accountNames];
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...readers), (value, read) => {
        try {
          read(value);
        } catch (error) {
          expect((error as Error).message).toMatch(/^[^\n]+ is (no \w+|unexpected)$/);
        }
      }),
    );
  });
});
