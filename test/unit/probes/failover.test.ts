import { expect, it } from 'vitest';
import { failover } from '../../../src/probes/failover.ts';
import type { ProbeContext } from '../../../src/probes/probe.ts';
import type { Entity } from '../../../src/topology/entities.ts';
import { ORDER_ENTITY } from '../../helpers/pipeline-entities.ts';
import { NOWHERE, someTopology } from '../../helpers/topology.ts';

it('says at once, and kills nobody, when one server is all there is', async () => {
  const killed: string[] = [];
  const context: ProbeContext = {
    topology: someTopology({ entities: [ORDER_ENTITY as Entity] }),
    endpoints: {
      nats: NOWHERE,
      natsMonitorUrl: '',
      databaseUrl: 'postgresql://a:b@127.0.0.1:1/x',
      services: { api: 'http://127.0.0.1:1' },
    },
    signal: new AbortController().signal,
    emit: () => {},
    control: { kill: async (service) => void killed.push(service), ensureRunning: async () => {} },
    marks: { write: async () => {}, erase: async () => {} },
    lastLogs: async () => [],
  };
  const report = await failover.run(context);
  expect(report).toMatchObject({
    status: 'failed',
    brokenHop: '3 nats-servers or more',
    fix: expect.stringContaining('nats.servers: 3'),
  });
  expect(report.hops[0]?.error).toBe('expected nats.servers to be 3 or more, found 1');
  expect(report).not.toHaveProperty('measured');
  expect(killed).toEqual([]);
});
