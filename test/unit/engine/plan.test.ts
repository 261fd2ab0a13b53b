import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/engine/observation.ts';
import { planUp } from '../../../src/engine/plan.ts';
import type { ObservedService } from '../../../src/runtime/runtime.ts';
import { someService, someTopology } from '../../helpers/topology.ts';

const SERVICES = ['nats', 'postgres', 'api', 'worker'];
const HASHES = Object.fromEntries(SERVICES.map((name) => [name, `hash-of-${name}`]));

const running = (service: string): ObservedService => ({
  service,
  state: 'running',
  pid: 100,
  restarts: 0,
  hash: `hash-of-${service}`,
});

const healthy: Observation = {
  missing: [],
  services: SERVICES.map(running),
  wantedHashes: HASHES,
  health: Object.fromEntries(SERVICES.map((name) => [name, { ready: true, detail: 'ok' }])),
  topologyDifferences: [],
  pendingMigrations: [],
};

const nothing: Observation = {
  ...healthy,
  services: [],
  health: {},
  topologyDifferences: null,
  pendingMigrations: null,
};

const lines = (observed: Observation, probes: string[] = []) =>
  planUp(someTopology(), observed, { probes }).map(
    ({ id, cause, dependsOn }) => `${id} | ${cause} | ${dependsOn.join(' ')}`,
  );

describe('planUp', () => {
  it('healthy environment → no step, not even a probe', () => {
    expect(lines(healthy, ['flow', 'retry'])).toEqual([]);
  });

  it('nothing there → everything, servers before what leans on them, probes last', () => {
    expect(lines(nothing, ['flow', 'retry', 'poison'])).toEqual([
      'start | nats, postgres, api, worker: not there | ',
      'ready:nats | it is being started | start',
      'ready:postgres | it is being started | start',
      'topology | the server was not ready | ready:nats',
      'migrate | the database was not ready | ready:postgres',
      'ready:api | it is being started | start topology migrate',
      'ready:worker | it is being started | start topology migrate',
      'probe:flow | something was started or repaired | start topology migrate ready:nats ready:postgres ready:api ready:worker',
      'probe:retry | it follows flow | probe:flow',
      'probe:poison | it follows flow | probe:flow',
    ]);
  });

  it('missing image → got before anything is started', () => {
    const missing = [{ name: 'image nats:2', kind: 'image' as const, cause: 'no such image' }];
    expect(lines({ ...nothing, missing }).slice(0, 2)).toEqual([
      'prepare | no such image | ',
      'start | nats, postgres, api, worker: not there | prepare',
    ]);
  });

  it('worker exited → only the worker is started, with its exit as the cause', () => {
    const services = healthy.services.map((seen) =>
      seen.service === 'worker'
        ? { ...seen, state: 'exited' as const, lastExit: { code: null, signal: 'SIGKILL', at: '' } }
        : seen,
    );
    expect(lines({ ...healthy, services })).toEqual([
      'start | worker: exited by SIGKILL | ',
      'ready:worker | it is being started | start',
    ]);
  });

  it('definition changed → that service is replaced', () => {
    const wantedHashes = { ...HASHES, api: 'another' };
    expect(lines({ ...healthy, wantedHashes })[0]).toBe('start | api: its definition changed | ');
  });

  it('stream missing on a running server → topology is applied, then what leans on it is asked again', () => {
    expect(lines({ ...healthy, topologyDifferences: ['stream MESSAGES: missing'] })).toEqual([
      'topology | stream MESSAGES: missing | ',
      'ready:api | what it depends on was repaired | topology',
      'ready:worker | what it depends on was repaired | topology',
    ]);
  });

  it('table missing → migrate, and nothing is restarted', () => {
    const ids = planUp(
      someTopology(),
      { ...healthy, pendingMigrations: ['table orders: missing'] },
      { probes: [] },
    );
    expect(ids.map(({ id }) => id)).toEqual(['migrate', 'ready:api', 'ready:worker']);
  });

  it('running but not ready → waited for, with what was seen as the cause', () => {
    const health = { ...healthy.health, api: { ready: false, detail: 'GET /readyz → 503 postgres' } };
    expect(lines({ ...healthy, health })).toEqual(['ready:api | GET /readyz → 503 postgres | ']);
  });

  it('service that is no longer declared → removed', () => {
    const services = [...healthy.services, running('old')];
    expect(lines({ ...healthy, services })).toEqual(['start | old: no longer declared | ']);
  });

  it("user's own service → started only after streams and tables are there", () => {
    const topology = someTopology({
      services: [
        someService('shop', { source: { kind: 'command', command: ['node', 'shop.js'], cwd: '/srv/shop' } }),
      ],
    });
    const steps = planUp(topology, nothing, { probes: [] });
    expect(steps.find(({ id }) => id === 'start:services')).toMatchObject({
      dependsOn: ['start', 'topology', 'migrate'],
      action: { kind: 'start', services: ['shop'] },
    });
    expect(steps.find(({ id }) => id === 'start')?.action).toEqual({
      kind: 'start',
      services: ['nats', 'postgres'],
    });
  });

  it('every dependency names an earlier step', () => {
    const seen = new Set<string>();
    for (const { id, dependsOn } of planUp(someTopology(), nothing, { probes: ['flow', 'retry'] })) {
      for (const dependency of dependsOn) expect(seen).toContain(dependency);
      seen.add(id);
    }
  });
});
