import { describe, expect, it } from 'vitest';
import { e17StaleProcess } from '../../../../src/doctor/rules/environment/e17-stale-process.ts';
import { beforeStart, got, live, said, someLiveFacts, someLiveService, someMachine } from './facts.ts';

const stale = {
  own: false,
  text: 'pid 4711 (node api.js) in /srv/shop',
  pid: 4711,
  stale: 'it is the same command in the same folder, /srv/shop',
};

describe('E17, an earlier run', () => {
  it('serves the port of a service that runs', () => {
    const [finding, ...others] = live(
      e17StaleProcess,
      someLiveFacts({ services: [someLiveService('api', 5176, stale, { state: 'backoff' })] }),
    );
    expect(others).toEqual([]);
    expect(said([finding!])).toEqual([
      'port 5176 error: Port 5176 of api is served by pid 4711 (node api.js) in /srv/shop, which is an earlier run of it: ' +
        'it is the same command in the same folder, /srv/shop.',
    ]);
    expect(finding?.fix).toContain('`kill 4711`');
  });

  it('serves the port that would be taken', () => {
    const facts = someMachine([{ name: 'api', service: 'api', port: 5176, holder: got(stale) }]);
    expect(beforeStart(e17StaleProcess, facts)).toMatchObject([{ severity: 'warning' }]);
  });

  it('is somebody else, or the service itself', () => {
    const { stale: _, ...stranger } = stale;
    const services = [
      someLiveService('api', 5176, stranger),
      someLiveService('worker', 5177, { own: true, text: 'pid 1' }),
      someLiveService('web', 5178, null),
    ];
    expect(live(e17StaleProcess, someLiveFacts({ services }))).toEqual([]);
  });
});
