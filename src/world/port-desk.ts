import { allocatePorts, releasePorts } from '../adapters/ports.ts';
import type { PortDesk } from '../engine/world.ts';

/** The machine's port leases. `describeContainer` asks the engine, when there is one, who publishes a port. */
export const portDesk = (describeContainer: (port: number) => Promise<string | null>): PortDesk => ({
  allocate: ({ environment, requests, sticky, own, avoid, strict, signal }) =>
    allocatePorts(requests, {
      owner: environment,
      sticky,
      ownPorts: own,
      avoid,
      strict,
      signal,
      describeContainer,
    }),
  release: ({ id }, signal) => releasePorts(id, { signal }),
});
