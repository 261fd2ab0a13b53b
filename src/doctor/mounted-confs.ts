import { mountAt } from './compose/mounts.ts';
import { hostPath, runningNatsServices } from './compose/nats-services.ts';
import type { StaticFacts } from './facts.ts';

/** Files on the host that the NATS servers of Compose files read, named as the Compose files are; each once. */
export function mountedConfs(facts: StaticFacts): readonly string[] {
  const paths = runningNatsServices(facts).flatMap(({ service, confPath }) => {
    const mount = mountAt(service.mounts, confPath);
    const path = mount && hostPath(service, mount, confPath);
    return path === undefined ? [] : [path];
  });
  return [...new Set(paths)];
}
