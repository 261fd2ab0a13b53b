import type { PortRequest, RuntimeKind, Topology } from './model.ts';

/** One nats-server of an environment: the service it is, and the names of its ports. */
export interface NatsServer {
  /** `nats` when it is alone, else `nats-1`, `nats-2`, …; also its host name in the container network. */
  service: string;
  /** 1 … n */
  number: number;
  /** Port names, keys of a `PortAllocation`. */
  clientPort: string;
  monitorPort: string;
  /** Absent when it is alone. */
  routePort?: string;
}

/** The nats-servers of a topology, in the order in which they are started and listed. */
export function natsServers({ nats }: { nats: Pick<Topology['nats'], 'servers'> }): readonly NatsServer[] {
  if (nats.servers === 1)
    return [{ service: 'nats', number: 1, clientPort: 'nats', monitorPort: 'nats-monitor' }];
  return Array.from({ length: nats.servers }, (_, index) => {
    const service = `nats-${index + 1}`;
    return {
      service,
      number: index + 1,
      clientPort: service,
      monitorPort: `${service}-monitor`,
      routePort: `${service}-route`,
    };
  });
}

/** What a server calls itself: in logs, in monitoring, and where another one says who leads. */
export const serverName = (
  environmentId: string,
  { number, routePort }: Pick<NatsServer, 'number' | 'routePort'>,
): string => (routePort === undefined ? environmentId : `${environmentId}-${number}`);

/** The ports that a runtime publishes on 127.0.0.1: on docker the routes of a cluster stay inside its own network. */
export function publishedPorts(topology: Topology, runtime: RuntimeKind): readonly PortRequest[] {
  if (runtime === 'process') return topology.ports;
  const routes = new Set(natsServers(topology).map(({ routePort }) => routePort));
  return topology.ports.filter(({ name }) => !routes.has(name));
}
