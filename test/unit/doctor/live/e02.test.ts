import { describe, expect, it } from 'vitest';
import { e02MonitorPortTaken } from '../../../../src/doctor/rules/environment/e02-monitor-port-taken.ts';
import { runPublished } from '../../../../src/doctor/run.ts';
import {
  beforeStart,
  got,
  live,
  logged,
  said,
  someLiveFacts,
  someLiveService,
  someMachine,
} from './facts.ts';

const stranger = { own: false, text: 'container shop-nats-1' };
const monitor = [{ name: 'nats-monitor', port: 8222, holder: got(stranger) }];

describe('E02, a monitoring port', () => {
  it('is held by somebody else', () => {
    expect(said(beforeStart(e02MonitorPortTaken, someMachine([{ ...monitor[0], port: 8222 }])))).toEqual([
      'port 8222 warning: Port 8222, on which nats would be monitored, is held by container shop-nats-1.',
    ]);
    const services = [someLiveService('nats', 8222, stranger, { ports: monitor })];
    expect(said(live(e02MonitorPortTaken, someLiveFacts({ services })))).toEqual([
      'port 8222 error: Monitoring port 8222 of nats is held by container shop-nats-1: what answers there is not nats.',
    ]);
  });

  it('is told from the log of a server that has ended', () => {
    const text =
      "[1] [ERR] Can't start monitoring: can't listen to the monitor port: listen tcp 127.0.0.1:8222: bind: address already in use";
    expect(said(live(e02MonitorPortTaken, someLiveFacts({ log: logged('nats', text) })))).toEqual([
      'server nats error: nats could not open its monitoring port, and ended.',
    ]);
  });

  it('is its own, or another port is held', () => {
    const services = [someLiveService('nats', 4222, stranger)];
    expect(live(e02MonitorPortTaken, someLiveFacts({ services }))).toEqual([]);
    expect(beforeStart(e02MonitorPortTaken, someMachine([{ holder: got(stranger) }]))).toEqual([]);
  });

  it('that a Compose file publishes is told at its place, and the other ports are not', () => {
    const place = { kind: 'file', file: 'compose.yaml', line: 9, column: 9 } as const;
    const port = { service: 'nats', port: 8222, isMonitor: true, place, holder: got(stranger) };
    const ports = [port, { ...port, isMonitor: false }, { ...port, holder: got(null) }];
    expect(said(runPublished({ ports }, { rules: [e02MonitorPortTaken] }))).toEqual([
      'compose.yaml:9:9 warning: Port 8222, on which nats is to be monitored, is held by container shop-nats-1: nats cannot be started, and what asks there gets the answers of another.',
    ]);
  });
});
