import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/engine/observation.ts';
import { planUp } from '../../../src/engine/plan.ts';
import type { ObservedService } from '../../../src/runtime/runtime.ts';
import { someNats, someService, someTopology } from '../../helpers/topology.ts';

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
  confs: [],
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

describe('planUp of servers whose nats.conf is not what it should be', () => {
  const three = someTopology({ nats: { ...someNats, servers: 3 } });
  const servers = ['nats-1', 'nats-2', 'nats-3'];
  const all = [...servers, 'postgres', 'api', 'worker'];
  const cluster: Observation = {
    ...healthy,
    services: all.map(running),
    wantedHashes: Object.fromEntries(all.map((name) => [name, `hash-of-${name}`])),
    health: Object.fromEntries(all.map((name) => [name, { ready: true, detail: 'ok' }])),
  };
  const confs = (consequence: 'reload' | 'rolling' | 'together', names: readonly string[]) =>
    names.map((service) => ({ service, consequence, cause: 'its nats.conf changes' }));
  const planned = (topology: typeof three, observed: Observation) =>
    planUp(topology, observed, { probes: [] }).map(
      ({ id, title, dependsOn }) => `${id} | ${title} | ${dependsOn}`,
    );

  it('they read it while they run, before services are started with what is in it', () => {
    const observed = {
      ...cluster,
      confs: confs('reload', servers),
      services: cluster.services.map((one) => (one.service === 'api' ? { ...one, hash: 'old' } : one)),
    };
    expect(planned(three, observed)).toEqual([
      'configure | let nats-1, nats-2, nats-3 read nats.conf again | ',
      'start | start api | configure',
      'topology | apply streams and consumers | configure',
      'ready:api | api ready | start,configure,topology',
      'ready:worker | worker ready | start,configure,topology',
    ]);
  });

  it('or are restarted one after the other, once the one that is away is back', () => {
    const observed = {
      ...cluster,
      confs: confs('rolling', ['nats-1', 'nats-3']),
      services: cluster.services.map((one) =>
        one.service === 'nats-2' ? { ...one, state: 'exited' as const } : one,
      ),
    };
    expect(planned(three, observed).slice(0, 3)).toEqual([
      'start | start nats-2 | ',
      'ready:nats-2 | nats-2 ready | start',
      'configure | restart nats-1, nats-3 one after the other | start,ready:nats-2',
    ]);
  });

  it('or start together, when those with the old and those with the new do not get along', () => {
    const [first] = planned(three, { ...cluster, confs: confs('together', servers) });
    expect(first).toBe('start | start nats-1, nats-2, nats-3 | ');
  });

  it('one that is alone is simply started again', () => {
    const lone = planned(someTopology(), { ...healthy, confs: confs('rolling', ['nats']) });
    expect(lone[0]).toBe('start | start nats | ');
    expect(lone.some((line) => line.startsWith('configure'))).toBe(false);
  });
});
