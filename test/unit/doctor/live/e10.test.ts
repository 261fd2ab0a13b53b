import { describe, expect, it } from 'vitest';
import { e10UnreachableAddresses } from '../../../../src/doctor/rules/environment/e10-unreachable-addresses.ts';
import { someTopology } from '../../../helpers/topology.ts';
import { got, live, said, someDeployment, someLiveFacts, someServer } from './facts.ts';

const rule = e10UnreachableAddresses;
const advertising = (...addresses: [address: string, reachable: boolean][]) => ({
  servers: [
    someServer('nats', {
      advertised: got(addresses.map(([address, reachable]) => ({ address, reachable }))),
    }),
  ],
});
const onDocker = someDeployment(someTopology(), { runtime: 'docker' });

describe('E10, addresses that a server tells clients', () => {
  it('cannot be reached', () => {
    expect(said(live(rule, someLiveFacts(advertising(['172.20.0.3:4222', false]))))).toEqual([
      'server nats error: nats tells clients to connect to 172.20.0.3:4222, which cannot be reached from this machine.',
    ]);
  });

  it('are of the container network, even where this machine routes it', () => {
    expect(said(live(rule, someLiveFacts(advertising(['172.20.0.3:4222', true]), onDocker)))).toEqual([
      'server nats warning: nats tells clients to connect to 172.20.0.3:4222, addresses of the container network, which only some machines route.',
    ]);
  });

  it('are the published ones, are reachable, or there are none', () => {
    expect(live(rule, someLiveFacts(advertising(['127.0.0.1:20000', true]), onDocker))).toEqual([]);
    expect(live(rule, someLiveFacts(advertising(['127.0.0.1:20000', false])))).toEqual([]);
    expect(live(rule, someLiveFacts(advertising(['192.168.1.5:4222', true])))).toEqual([]);
    expect(live(rule, someLiveFacts())).toEqual([]);
  });
});
