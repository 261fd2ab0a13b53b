import { CONTAINER_PORTS } from '../../render/environment.ts';
import { NATS_MONITOR_PORT, NATS_PORT, NATS_SERVICE } from '../../topology/deployment.ts';

/** Port name of the topology for a port inside a service's container; NATS is the only service with two. */
export const portNameOf = (service: string, inside: number): string =>
  service !== NATS_SERVICE ? service : inside === CONTAINER_PORTS.natsMonitor ? NATS_MONITOR_PORT : NATS_PORT;
