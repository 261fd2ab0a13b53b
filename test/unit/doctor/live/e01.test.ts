import { describe, expect, it } from 'vitest';
import { e01PortTaken } from '../../../../src/doctor/rules/environment/e01-port-taken.ts';
import { runPublished } from '../../../../src/doctor/run.ts';
import {
  beforeStart,
  failed,
  got,
  live,
  logged,
  said,
  someLiveFacts,
  someLiveService,
  someMachine,
} from './facts.ts';

const stranger = { own: false, text: 'pid 4711 (node old.js) in /srv/old', pid: 4711 };

describe('E01, a port', () => {
  it('is held by somebody else before start: a warning with the holder', () => {
    expect(said(beforeStart(e01PortTaken, someMachine([{ holder: got(stranger) }])))).toEqual([
      'port 4222 warning: Port 4222, the one that nats would take, is held by pid 4711 (node old.js) in /srv/old.',
    ]);
  });

  it('is held by somebody else while the service runs: an error', () => {
    const facts = someLiveFacts({ services: [someLiveService('api', 8080, stranger, { state: 'backoff' })] });
    expect(said(live(e01PortTaken, facts))).toEqual([
      'port 8080 error: Port 8080 of api is held by pid 4711 (node old.js) in /srv/old, so api cannot be reached there.',
    ]);
  });

  it('that is none of the declared ones is found in the log of the service', () => {
    const log = logged('api', 'Error: listen EADDRINUSE: address already in use 0.0.0.0:5176', '    at :::1');
    expect(said(live(e01PortTaken, someLiveFacts({ log })))).toEqual([
      'port 5176 error: api could not listen on port 5176, which is none of its declared ones: somebody else holds it.',
    ]);
  });

  it('is free, its own, a monitoring port, a stale run, or unknown: nothing for this rule', () => {
    const stale = { ...stranger, stale: 'it is the same command' };
    const wanted = [
      { holder: got(null) },
      { holder: got({ ...stranger, own: true }) },
      { name: 'nats-monitor', holder: got(stranger) },
      { holder: got(stale) },
      { holder: failed('no answer within 10 ms') },
    ];
    expect(beforeStart(e01PortTaken, someMachine(wanted))).toEqual([]);
    const services = [
      someLiveService('api', 8080, { ...stranger, own: true }),
      someLiveService('worker', 8081, null),
    ];
    const log = logged('api', 'retrying: EADDRINUSE 127.0.0.1:8080');
    expect(live(e01PortTaken, someLiveFacts({ services, log }))).toEqual([]);
  });

  it('that a Compose file publishes is told at its place, unless it is free, its own, unknown or for monitoring', () => {
    const place = { kind: 'file', file: 'compose.yaml', line: 4, column: 7 } as const;
    const port = { service: 'api', port: 5176, isMonitor: false, place, holder: got(stranger) };
    const ports = [
      port,
      { ...port, isMonitor: true },
      ...[got(null), got({ ...stranger, own: true }), failed('no answer within 10 ms')].map((holder) => ({
        ...port,
        holder,
      })),
    ];
    expect(said(runPublished({ ports }, { rules: [e01PortTaken] }))).toEqual([
      'compose.yaml:4:7 warning: Port 5176, which api is to be published on, is held by pid 4711 (node old.js) in /srv/old.',
    ]);
  });
});
