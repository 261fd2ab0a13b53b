import { DevenvError } from '../errors.ts';
import type { PlannedStep } from '../events.ts';
import type { ProbeReport } from '../probes/probe.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Deployment, PortAllocation, Secrets } from '../topology/deployment.ts';
import type { RuntimeKind } from '../topology/model.ts';
import { accountChange, storeChange } from '../topology/server-stores.ts';
import { publishedPorts } from '../topology/servers.ts';
import type { ChosenRuntime } from './choose-runtime.ts';
import type { Call, Followed, UpOptions } from './engine.ts';
import { execute } from './execute.ts';
import { observeWorld } from './observe.ts';
import { type Performer, performer } from './perform.ts';
import { planUp, type Step } from './plan.ts';
import type { Project } from './project.ts';
import { lastProbeOf, STATE_VERSION, type State } from './state.ts';
import type { World } from './world.ts';

/** A port can be lost between choice and bind; after this many times something else is wrong. */
const PORT_ATTEMPTS = 5;

/** One `up`: what it was asked, and what it found before it began. */
export interface Attempt {
  world: World;
  project: Project;
  options: UpOptions;
  call: Call;
  chosen: ChosenRuntime;
  secrets: Secrets;
  before: State | null;
  /** The ports to keep while they can be had: those of the last `up`, then those that this one chose. */
  sticky: { ports: PortAllocation };
}

export interface Outcome {
  deployment: Deployment;
  steps: readonly Step[];
  probes: readonly ProbeReport[];
  /** The servers that were given another configuration while they ran, and how. */
  followed: readonly Followed[];
}

/** Allocates, plans and executes; begins again with another port when one was taken in between. */
export async function attemptWithPorts(attempt: Attempt): Promise<Outcome> {
  const { options, call } = attempt;
  const lost = new Set<number>();
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(attempt, lost);
    } catch (error) {
      const taken = error instanceof DevenvError && error.code === 'PORT_TAKEN' && !options.strictPorts;
      if (!taken || options.dryRun || tries === PORT_ATTEMPTS) throw error;
      call.signal.throwIfAborted();
      const { ports } = attempt.sticky;
      for (const name of error.details) if (ports[name] !== undefined) lost.add(ports[name]);
      call.emit({
        type: 'note',
        level: 'warn',
        text: `${error.message.replace(/\.$/, '')}; choosing another port`,
      });
    }
  }
}

async function once(attempt: Attempt, lost: ReadonlySet<number>): Promise<Outcome> {
  const { world, project, options, call, chosen, secrets } = attempt;
  const { environment, topology } = project;
  const { runtime } = chosen;
  const services = lost.size === 0 ? chosen.services : await runtime.observe(environment, call.signal);
  const own = services.flatMap(({ ports: held }) => Object.values(held ?? {}));
  const ports = await allocate(attempt, new Set(own), lost);
  attempt.sticky.ports = ports;
  const deployment: Deployment = { environment, runtime: runtime.kind, topology, ports, secrets };
  const observed = await observeWorld(
    world,
    runtime,
    deployment,
    services,
    attempt.before?.confs ?? {},
    call.signal,
  );
  const probes = options.probe
    ? world.probes.filter(({ isDefault }) => isDefault).map(({ name }) => name)
    : [];
  const steps = planUp(topology, observed, { probes });
  if (options.dryRun) tellStores(attempt);
  if (steps.length > 0) tellAccounts(attempt);
  if (options.dryRun || steps.length === 0) return { deployment, steps, probes: [], followed: [] };

  const state = await remember(attempt, deployment);
  call.emit({
    type: 'plan',
    steps: steps.map(announced),
  });
  const { reports, followed } = await carryOut(world, runtime, deployment, steps, options, call);
  if (reports.length > 0) {
    // What was remembered on the way stays.
    const latest = (await world.state.load(environment)) ?? state;
    await world.state.save(environment, { ...latest, lastProbe: lastProbeOf(reports, world.now()) });
  }
  return { deployment, steps, probes: reports, followed };
}

/** The runtime tells the same when it starts the servers, from the stores that it finds. */
function tellStores({ before, project, call }: Attempt): void {
  const servers = Object.keys(before?.ports ?? {}).filter((name) => /^nats(-\d+)?$/.test(name));
  const text = storeChange(servers, project.topology);
  if (text !== null) call.emit({ type: 'note', level: 'warn', text });
}

function tellAccounts({ before, project, call }: Attempt): void {
  const text = before === null ? null : accountChange(before.accounts, project.topology);
  if (text !== null) call.emit({ type: 'note', level: 'warn', text });
}

export const announced = ({ id, title, cause, dependsOn }: Step): PlannedStep => ({
  id,
  title,
  cause,
  dependsOn,
});

async function carryOut(
  world: World,
  runtime: Runtime,
  deployment: Deployment,
  steps: readonly Step[],
  options: UpOptions,
  call: Call,
): Promise<Pick<Performer, 'reports' | 'followed'>> {
  const perform = performer(world, runtime, deployment, options, call);
  try {
    await execute(steps, perform.action, { emit: call.emit, signal: call.signal, now: world.now });
  } catch (error) {
    // The environment is up; that messages do not flow is a result, told hop by hop, and it is left for a look.
    if (!(error instanceof DevenvError && error.code === 'PROBE_FAILED')) throw error;
  } finally {
    perform.end();
  }
  return perform;
}

async function allocate(
  { world, project, options, call, chosen, sticky: last }: Attempt,
  own: ReadonlySet<number>,
  avoid: ReadonlySet<number>,
): Promise<PortAllocation> {
  const { environment, topology } = project;
  const requests = publishedPorts(topology, chosen.runtime.kind);
  const sticky = Object.fromEntries(Object.entries(last.ports).filter(([, port]) => !avoid.has(port)));
  // All of them held by our own services: nothing to choose, and a healthy environment stays an instant no-op.
  if (requests.every(({ name }) => sticky[name] !== undefined && own.has(sticky[name]))) {
    return Object.fromEntries(requests.map(({ name }) => [name, sticky[name]!]));
  }
  const { signal, emit } = call;
  const { ports, moved, notes } = await world.ports.allocate({
    environment,
    requests,
    sticky,
    own,
    avoid,
    strict: options.strictPorts,
    signal,
  });
  for (const text of notes) emit({ type: 'note', level: 'warn', text });
  for (const { name, preferred, port, holder } of moved) {
    emit({
      type: 'note',
      level: 'warn',
      text: `port ${preferred} for ${name} is taken by ${holder}; using ${port}`,
    });
  }
  return ports;
}

async function remember(
  { world, project, secrets, before }: Attempt,
  deployment: Deployment,
): Promise<State> {
  const { environment } = project;
  const state: State = {
    version: STATE_VERSION,
    environment: environment.name,
    id: environment.id,
    runtime: deployment.runtime,
    earlier: earlierOf(before, deployment.runtime),
    ports: deployment.ports,
    accounts: project.topology.accounts.map(({ name }) => name),
    confs: before?.confs ?? {},
    createdAt: before?.createdAt || new Date(world.now()).toISOString(),
    lastProbe: before?.lastProbe ?? null,
  };
  await world.state.saveSecrets(environment, secrets);
  await world.state.saveDeclared(environment, {
    file: project.declaredIn ?? null,
    topology: project.topology,
  });
  await world.state.save(environment, state);
  return state;
}

function earlierOf(before: State | null, now: RuntimeKind): RuntimeKind[] {
  const known = before === null ? [] : [before.runtime, ...before.earlier];
  return [...new Set(known)].filter((kind) => kind !== now);
}
