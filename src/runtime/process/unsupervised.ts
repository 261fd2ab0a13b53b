import type { ObservedService } from '../runtime.ts';
import type { FoundProcess } from './orphans.ts';

/** What a killed supervisor left, one entry per service, named by its oldest process. Pure. */
export function unsupervised(processes: readonly FoundProcess[]): ObservedService[] {
  const oldest = new Map<string, number>();
  for (const { service, pid } of processes)
    if (service !== null) oldest.set(service, Math.min(pid, oldest.get(service) ?? pid));
  return [...oldest].map(([service, pid]) => ({
    service,
    state: 'running',
    pid,
    restarts: 0,
    unusable: 'its supervisor is gone',
  }));
}
