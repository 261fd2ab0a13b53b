import { createConnection } from 'node:net';
import { type Bounds, bounded } from '../adapters/deadline.ts';
import { greeting } from '../adapters/nats/greeting.ts';
import { monitoring } from '../adapters/nats/monitoring.ts';
import { hostAndPort } from '../adapters/nats/url.ts';
import type { Advertised, LiveServer, Reading } from '../doctor/facts.ts';
import type { ObservedService } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { NatsServer } from '../topology/servers.ts';
import { eachOf, reading, unknown } from './live-facts-reading.ts';
import { lookAtStore } from './live-facts-store.ts';

/** What one nats-server says about itself, and what its store holds. */
export async function liveServer(
  deployment: Deployment,
  { service, clientPort, monitorPort }: NatsServer,
  observed: readonly ObservedService[],
  bounds: Bounds,
): Promise<LiveServer> {
  const { ports } = deployment;
  const ofMonitor = <T>(ask: (server: ReturnType<typeof monitoring>) => Promise<T>): Promise<Reading<T>> => {
    const port = ports[monitorPort];
    if (port === undefined) return Promise.resolve(NOT_STARTED);
    return reading(bounds, (inner) => ask(monitoring(`http://127.0.0.1:${port}`, inner)));
  };
  const container = observed.find((seen) => seen.service === service)?.container;
  const [varz, jsz, connections, healthz, accounts, advertised, { stored, disk }] = await Promise.all([
    ofMonitor((server) => server.varz()),
    ofMonitor((server) => server.jsz()),
    ofMonitor((server) => server.connections()),
    ofMonitor((server) => server.healthz()),
    ofMonitor((server) => server.accounts()),
    advertisedBy(ports[clientPort], bounds),
    lookAtStore(deployment, service, container, bounds),
  ]);
  return { name: service, varz, jsz, connections, healthz, accounts, advertised, stored, disk };
}

const NOT_STARTED = unknown('it has not been started in this environment yet');

/** Addresses of one greeting; more would be somebody who wants to keep us busy. */
const MOST_ADDRESSES = 64;

async function advertisedBy(
  port: number | undefined,
  bounds: Bounds,
): Promise<Reading<readonly Advertised[]>> {
  if (port === undefined) return NOT_STARTED;
  const said = await reading(bounds, ({ signal }) => greeting('127.0.0.1', port, signal));
  if (!said.ok) return said;
  const addresses = said.value.connectUrls.slice(0, MOST_ADDRESSES);
  const value = await eachOf(addresses, 8, async (address) => ({
    address,
    reachable: (await reading(bounds, (inner) => reach(address, inner))).ok,
  }));
  return { ok: true, value };
}

/** Long enough for anything on this machine or beside it; a container network that is not routed swallows the attempt. */
const REACHED_WITHIN_MS = 1_000;

const reach = (address: string, { signal, timeoutMs }: Bounds): Promise<void> =>
  bounded(
    { signal, timeoutMs: Math.min(timeoutMs, REACHED_WITHIN_MS) },
    (inner) =>
      new Promise((resolve, reject) => {
        const socket = createConnection({ ...hostAndPort(address), signal: inner });
        socket.on('error', reject);
        socket.on('connect', () => {
          socket.destroy();
          resolve();
        });
      }),
  );
