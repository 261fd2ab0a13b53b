import { CONTAINER_PORTS } from '../../render/environment.ts';

/** Port name of the topology for a port inside a service's container; nats-servers are the only services with two. */
export const portNameOf = (service: string, inside: number): string =>
  /^nats(-\d+)?$/.test(service) && inside === CONTAINER_PORTS.natsMonitor ? `${service}-monitor` : service;
