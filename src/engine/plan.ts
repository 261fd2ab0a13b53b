import type { PlannedStep } from '../events.ts';
import type { MissingPart } from '../runtime/runtime.ts';
import { POSTGRES_SERVICE, serviceNames } from '../topology/deployment.ts';
import type { Topology } from '../topology/model.ts';
import { natsServers } from '../topology/servers.ts';
import { joinCauses, readyCause, startCauses } from './causes.ts';
import { type Following, withConfs } from './following.ts';
import type { Observation } from './observation.ts';

/** What a step does. The executor maps each kind to one call and decides nothing. */
export type Action =
  | { kind: 'prepare'; parts: readonly MissingPart[] }
  | { kind: 'start'; services: readonly string[] }
  /** Running nats-servers are given another configuration. */
  | { kind: 'configure'; how: 'reload' | 'rolling'; services: readonly string[] }
  | { kind: 'ready'; service: string }
  | { kind: 'apply-topology' }
  | { kind: 'migrate' }
  | { kind: 'probe'; probe: string };

export interface Step extends PlannedStep {
  action: Action;
  /** Its failure is told, but does not end the steps beside it. */
  isolated?: boolean;
}

export interface PlanOptions {
  /** Names of the probes to end with; empty with `--no-probe`. */
  probes: readonly string[];
}

/**
 * Observed world → steps. Pure. Nothing to do yields no steps at all, which is what makes `up` on a healthy
 * environment a no-op and `up` on a damaged one a repair.
 */
export function planUp(topology: Topology, observed: Observation, { probes }: PlanOptions): Step[] {
  const steps: Step[] = [];
  const add = (step: Step): string => {
    steps.push(step);
    return step.id;
  };
  const prepared = observed.missing.length > 0 ? [add(prepareStep(observed.missing))] : [];

  const { causes, following } = withConfs(topology, observed, startCauses(topology, observed));
  const own = userServices(topology);
  const wanting = serviceNames(topology).filter((service) => causes.has(service));
  const first = wanting.filter((service) => !own.has(service));
  const later = wanting.filter((service) => own.has(service));
  const servers = natsServers(topology).map(({ service }) => service);
  // One that is away comes back before the next is taken away. Otherwise services start with what the servers know by then.
  const backFirst = following?.how === 'rolling' && first.some((service) => servers.includes(service));
  const configure = (dependsOn: readonly string[]) =>
    following === null ? [] : [add(configureStep(following, dependsOn))];
  const configuredFirst = backFirst ? [] : configure(prepared);
  const undeclared = observed.services.filter(({ service }) => !serviceNames(topology).includes(service));
  for (const { service } of undeclared) causes.set(service, 'no longer declared');

  const started =
    first.length + undeclared.length > 0
      ? [
          add(
            startStep(
              'start',
              first,
              undeclared.map(({ service }) => service),
              causes,
              [...prepared, ...configuredFirst],
            ),
          ),
        ]
      : [];

  const ready = (service: string, dependsOn: readonly string[]): string[] => {
    const cause = readyCause(service, causes, observed);
    if (cause === null) return [];
    return [
      add({
        id: `ready:${service}`,
        title: `${service} ready`,
        cause,
        dependsOn,
        action: { kind: 'ready', service },
      }),
    ];
  };
  const waits = (service: string) => following?.services.includes(service) === true;
  const back = servers
    .filter((service) => !waits(service))
    .flatMap((service) => ready(service, [...configuredFirst, ...started]));
  const configured = backFirst ? configure([...started, ...back]) : configuredFirst;
  const natsReady = [
    ...back,
    ...servers.filter(waits).flatMap((service) => ready(service, [...started, ...configured])),
    ...configured,
  ];
  const postgresReady = ready(POSTGRES_SERVICE, started);

  const applied = topologyStep(observed, { natsReady, configured }, add);
  const migrated = migrateStep(observed, postgresReady, add);
  const groundwork = [...started, ...configured, ...applied, ...migrated];

  const startedLater =
    later.length > 0
      ? [add(startStep('start:services', later, [], causes, [...prepared, ...groundwork]))]
      : [];
  // A service that waits for its stream or table is not ready because of them: mend them, then ask again.
  const blocked = applied.length + migrated.length + natsReady.length + postgresReady.length > 0;
  const allReady = [...natsReady, ...postgresReady];
  for (const { name } of topology.services) {
    const dependsOn = own.has(name) ? [...groundwork, ...startedLater] : groundwork;
    const waiting = ready(name, dependsOn);
    if (waiting.length === 0 && blocked && observed.health[name] !== undefined) {
      const action = { kind: 'ready', service: name } as const;
      waiting.push(
        add({
          id: `ready:${name}`,
          title: `${name} ready`,
          cause: 'what it depends on was repaired',
          dependsOn,
          action,
        }),
      );
    }
    allReady.push(...waiting);
  }
  if (steps.length > 0) addProbes(probes, [...groundwork, ...startedLater, ...allReady], add);
  return steps;
}

function prepareStep(parts: readonly MissingPart[]): Step {
  return {
    id: 'prepare',
    title: `get ${parts.map(({ name }) => name).join(', ')}`,
    cause: parts.map(({ name, cause }) => (parts.length > 1 ? `${name}: ${cause}` : cause)).join('; '),
    dependsOn: [],
    action: { kind: 'prepare', parts },
  };
}

function startStep(
  id: string,
  services: readonly string[],
  undeclared: readonly string[],
  causes: ReadonlyMap<string, string>,
  dependsOn: readonly string[],
): Step {
  const titles = [
    ...(services.length > 0 ? [`start ${services.join(', ')}`] : []),
    ...(undeclared.length > 0 ? [`remove ${undeclared.join(', ')}`] : []),
  ];
  return {
    id,
    title: titles.join('; '),
    cause: joinCauses([...services, ...undeclared], causes),
    dependsOn,
    action: { kind: 'start', services },
  };
}

function configureStep({ how, services, cause }: Following, dependsOn: readonly string[]): Step {
  const names = services.join(', ');
  return {
    id: 'configure',
    title: how === 'reload' ? `let ${names} read nats.conf again` : `restart ${names} one after the other`,
    cause,
    dependsOn,
    action: { kind: 'configure', how, services },
  };
}

function topologyStep(
  observed: Observation,
  { natsReady, configured }: Readonly<Record<'natsReady' | 'configured', readonly string[]>>,
  add: (step: Step) => string,
): string[] {
  const differences = observed.topologyDifferences;
  if (differences !== null && differences.length === 0 && natsReady.length === 0) return [];
  // Whom the servers took us for so far says nothing about what they hold then.
  const reason =
    configured.length > 0 ? 'the servers get another configuration' : unasked('the server', natsReady);
  const cause = differences?.length ? differences.join('; ') : reason;
  const title = 'apply streams and consumers';
  return [add({ id: 'topology', title, cause, dependsOn: natsReady, action: { kind: 'apply-topology' } })];
}

const unasked = (what: string, waits: readonly string[]): string =>
  waits.length > 0 ? `${what} was not ready` : `${what} could not be asked`;

function migrateStep(
  observed: Observation,
  postgresReady: readonly string[],
  add: (step: Step) => string,
): string[] {
  const pending = observed.pendingMigrations;
  if (pending !== null && pending.length === 0 && postgresReady.length === 0) return [];
  const cause = pending?.length ? pending.join('; ') : unasked('the database', postgresReady);
  const title = 'migrate the database';
  return [add({ id: 'migrate', title, cause, dependsOn: postgresReady, action: { kind: 'migrate' } })];
}

/** The first probe proves the main path; the others run side by side after it, so that one broken hop is told once. */
function addProbes(probes: readonly string[], ready: readonly string[], add: (step: Step) => string): void {
  const [first, ...others] = probes;
  if (first === undefined) return;
  const proven = add({
    id: `probe:${first}`,
    title: `probe ${first}`,
    cause: 'something was started or repaired',
    dependsOn: ready,
    action: { kind: 'probe', probe: first },
  });
  for (const probe of others) {
    add({
      id: `probe:${probe}`,
      title: `probe ${probe}`,
      cause: `it follows ${first}`,
      dependsOn: [proven],
      action: { kind: 'probe', probe },
      isolated: true,
    });
  }
}

/** Services of the user's own may exit when a server is not there yet; the shipped ones wait for it by themselves. */
const userServices = (topology: Topology): ReadonlySet<string> =>
  new Set(topology.services.filter(({ source }) => source.kind !== 'builtin').map(({ name }) => name));
