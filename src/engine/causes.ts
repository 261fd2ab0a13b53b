import type { ObservedService } from '../runtime/runtime.ts';
import { serviceNames } from '../topology/deployment.ts';
import type { Topology } from '../topology/model.ts';
import type { Observation } from './observation.ts';

/** service → why it has to be started, in the order of starting. */
export function startCauses(topology: Topology, observed: Observation): Map<string, string> {
  const causes = new Map<string, string>();
  for (const service of serviceNames(topology)) {
    const cause = startCause(
      observed.services.find((candidate) => candidate.service === service),
      observed.wantedHashes[service],
    );
    if (cause !== null) causes.set(service, cause);
  }
  return causes;
}

function startCause(seen: ObservedService | undefined, wantedHash: string | undefined): string | null {
  if (seen === undefined) return 'not there';
  if (seen.state === 'exited' || seen.state === 'backoff') return `${seen.state}${exitText(seen)}`;
  if (seen.unusable !== undefined) return seen.unusable;
  if (seen.hash !== undefined && wantedHash !== undefined && seen.hash !== wantedHash)
    return 'its definition changed';
  return null;
}

function exitText({ lastExit }: ObservedService): string {
  if (lastExit === undefined) return '';
  return lastExit.signal === null ? ` with status ${lastExit.code}` : ` by ${lastExit.signal}`;
}

/** Why a service has to be waited for; null when it is ready or does not run. */
export function readyCause(
  service: string,
  causes: ReadonlyMap<string, string>,
  observed: Observation,
): string | null {
  if (causes.has(service)) return 'it is being started';
  const check = observed.health[service];
  return check === undefined || check.ready ? null : check.detail;
}

/** `nats, postgres: not there; api: exited with status 1` */
export function joinCauses(services: readonly string[], causes: ReadonlyMap<string, string>): string {
  const byCause = new Map<string, string[]>();
  for (const service of services) {
    const cause = causes.get(service) ?? '';
    byCause.set(cause, [...(byCause.get(cause) ?? []), service]);
  }
  return [...byCause].map(([cause, names]) => `${names.join(', ')}: ${cause}`).join('; ');
}
