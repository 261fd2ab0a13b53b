import { setMaxListeners } from 'node:events';
import type { Bounds } from '../adapters/deadline.ts';
import type { MachineFacts, WantedPort } from '../doctor/facts.ts';
import { type Environment, type PortAllocation, serviceNames } from '../topology/deployment.ts';
import type { RuntimeKind, Topology } from '../topology/model.ts';
import { natsServers } from '../topology/servers.ts';
import { dockerNetworks } from './live-facts-networks.ts';
import { ownProcesses, portHolder, portNamesOf } from './live-facts-ports.ts';
import { reading } from './live-facts-reading.ts';
import { storedByProcess } from './live-facts-store.ts';

export interface MachineQuestion {
  environment: Environment;
  topology: Topology;
  /** Ports of its last run, which `up` tries first. */
  ports?: PortAllocation;
  /** What will run it. */
  runtime: 'auto' | RuntimeKind;
}

/**
 * What is in the way of an environment of which nothing runs: who holds the ports that it would take, and whether the
 * engine has a network left for it. Throws nothing but the signal's own reason.
 */
export async function gatherMachineFacts(
  { environment, topology, ports = {}, runtime }: MachineQuestion,
  { signal, timeoutMs }: Bounds,
): Promise<MachineFacts> {
  setMaxListeners(0, signal);
  const bounds = { signal, timeoutMs };
  const own = await ownProcesses(environment, [], bounds);
  const wanted = serviceNames(topology).flatMap((service) =>
    portNamesOf(topology, service).flatMap((name) => {
      const port = ports[name] ?? topology.ports.find((request) => request.name === name)?.preferred;
      return port === undefined ? [] : [{ service, name, port }];
    }),
  );
  const [held, stores, networks] = await Promise.all([
    Promise.all(
      wanted.map(
        async ({ service, name, port }): Promise<WantedPort> => ({
          service,
          name,
          port,
          holder: await reading(bounds, () =>
            portHolder(port, {
              runtime: 'process',
              topology,
              service,
              name,
              seen: undefined,
              own,
              bind: true,
            }),
          ),
        }),
      ),
    ),
    Promise.all(
      natsServers(topology).map(async ({ service }) => ({
        service,
        stored: await storedByProcess(environment, service, bounds),
      })),
    ),
    runtime === 'process' ? null : reading(bounds, dockerNetworks),
  ]);
  // `auto` without an engine takes processes: what an engine would need is in nobody's way then.
  const engine = runtime === 'auto' && networks?.ok === false ? null : networks;
  return { environment, topology, ports: held, stores, networks: engine };
}
