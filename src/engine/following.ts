import type { Topology } from '../topology/model.ts';
import { natsServers } from '../topology/servers.ts';
import { joinCauses } from './causes.ts';
import type { Observation } from './observation.ts';

/** Running servers that are given another configuration without all of them being away at once. */
export interface Following {
  how: 'reload' | 'rolling';
  services: readonly string[];
  cause: string;
}

/**
 * Adds to the causes of starts the servers that another configuration makes start again: those that do not get along
 * with the others until then, and one that is alone. What remains follows while it runs, or one after the other. Pure.
 */
export function withConfs(
  topology: Topology,
  { confs }: Pick<Observation, 'confs'>,
  causes: ReadonlyMap<string, string>,
): { causes: Map<string, string>; following: Following | null } {
  const all = new Map(causes);
  const alone = natsServers(topology).length === 1;
  const running = confs.filter(({ service }) => !causes.has(service));
  const starts = running.filter(
    ({ consequence }) => consequence === 'together' || (alone && consequence === 'rolling'),
  );
  for (const { service, cause } of starts) all.set(service, cause);
  const others = running.filter((one) => !starts.includes(one));
  if (others.length === 0) return { causes: all, following: null };
  const services = others.map(({ service }) => service);
  const why = new Map(others.map(({ service, cause }) => [service, cause]));
  const how = others.some(({ consequence }) => consequence === 'rolling') ? 'rolling' : 'reload';
  return { causes: all, following: { how, services, cause: joinCauses(services, why) } };
}
