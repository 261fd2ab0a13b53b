import { DevenvError } from '../errors.ts';
import type { PlannedStep } from '../events.ts';
import type { ProbeReport } from '../probes/probe.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Deployment, PortAllocation, Secrets } from '../topology/deployment.ts';
import { type ChosenRuntime, chooseRuntime, needsDocker, processInstead } from './choose-runtime.ts';
import type { Call, UpOptions, UpResult } from './engine.ts';
import { execute } from './execute.ts';
import { observeWorld } from './observe.ts';
import { performer } from './perform.ts';
import { planUp, type Step } from './plan.ts';
import { refuseOverspending } from './preflight.ts';
import type { Project } from './project.ts';
import { serviceRows } from './rows.ts';
import { STATE_VERSION, type State } from './state.ts';
import type { World } from './world.ts';

/** A port can be lost between choice and bind; after this many times something else is wrong. */
const PORT_ATTEMPTS = 5;
/** What an interrupted or failed first `up` started is taken down again; this bounds the taking down. */
const CLEAN_UP_WITHIN_MS = 30_000;

export async function up(world: World, project: Project, options: UpOptions, call: Call): Promise<UpResult> {
  refuseOverspending(project.topology);
  return world.lock(project.environment, call, () => upLocked(world, project, options, call));
}

async function upLocked(world: World, project: Project, options: UpOptions, call: Call): Promise<UpResult> {
  const started = world.now();
  const { environment } = project;
  const before = await world.state.load(environment);
  const wanted = options.runtime === 'auto' ? project.runtime : options.runtime;
  const chosen = await chooseRuntime(world, project, wanted, before, call);
  const secrets = (await world.state.loadSecrets(environment)) ?? world.newSecrets();
  const isNew = chosen.services.length === 0;
  let attempt: Attempt = { world, project, options, call, chosen, secrets, before };
  try {
    const outcome = await attemptWithPorts(attempt).catch(async (error: unknown) => {
      if (wanted !== 'auto' || !isNew) throw error;
      attempt = { ...attempt, chosen: await withoutImages(attempt, error) };
      return attemptWithPorts(attempt);
    });
    const { runtime } = attempt.chosen;
    if (options.dryRun && isNew) await world.ports.release(environment, call.signal);
    // Named one by one: the deployment holds credentials and must not get into a result.
    return {
      environment: environment.name,
      runtime: runtime.kind,
      isNew,
      steps: outcome.steps.map(announced),
      dryRun: options.dryRun,
      services: options.dryRun ? [] : await serviceRows(world, runtime, outcome.deployment, call.signal),
      probes: outcome.probes,
      ms: world.now() - started,
    };
  } catch (error) {
    if (isNew && options.dryRun)
      await world.ports.release(environment, AbortSignal.timeout(CLEAN_UP_WITHIN_MS));
    else if (isNew && !options.keep) await takeDown(attempt);
    throw error;
  }
}

/**
 * An engine that cannot get the images that devenv itself proposes is, for `auto`, as good as none. An image that the
 * user named is not replaced by something else.
 */
async function withoutImages({ world, project, call }: Attempt, error: unknown): Promise<ChosenRuntime> {
  const proposed = error instanceof DevenvError && error.code === 'IMAGE_UNAVAILABLE' && !project.namesImages;
  if (!proposed || needsDocker(project.topology)) throw error;
  call.signal.throwIfAborted();
  return processInstead(world, project.environment, error, call);
}

interface Attempt {
  world: World;
  project: Project;
  options: UpOptions;
  call: Call;
  chosen: ChosenRuntime;
  secrets: Secrets;
  before: State | null;
}

interface Outcome {
  deployment: Deployment;
  steps: readonly Step[];
  probes: readonly ProbeReport[];
}

/** Allocates, plans and executes; begins again with another port when one was taken in between. */
async function attemptWithPorts(attempt: Attempt): Promise<Outcome> {
  const { options, call } = attempt;
  const lost = new Set<number>();
  for (let tries = 1; ; tries += 1) {
    let ports: PortAllocation = {};
    const chose = (chosen: PortAllocation) => {
      ports = chosen;
    };
    try {
      return await once(attempt, lost, chose);
    } catch (error) {
      const taken = error instanceof DevenvError && error.code === 'PORT_TAKEN' && !options.strictPorts;
      if (!taken || options.dryRun || tries === PORT_ATTEMPTS) throw error;
      call.signal.throwIfAborted();
      for (const name of error.details) if (ports[name] !== undefined) lost.add(ports[name]);
      call.emit({ type: 'note', level: 'warn', text: `${error.message}; choosing another port` });
    }
  }
}

async function once(
  attempt: Attempt,
  lost: ReadonlySet<number>,
  chose: (ports: PortAllocation) => void,
): Promise<Outcome> {
  const { world, project, options, call, chosen, secrets } = attempt;
  const { environment, topology } = project;
  const { runtime } = chosen;
  const services = lost.size === 0 ? chosen.services : await runtime.observe(environment, call.signal);
  const own = services.flatMap(({ ports: held }) => Object.values(held ?? {}));
  const ports = await allocate(attempt, new Set(own), lost);
  chose(ports);
  const deployment: Deployment = { environment, runtime: runtime.kind, topology, ports, secrets };
  const observed = await observeWorld(world, runtime, deployment, services, call.signal);
  const probes = options.probe
    ? world.probes.filter(({ isDefault }) => isDefault).map(({ name }) => name)
    : [];
  const steps = planUp(topology, observed, { probes });
  if (options.dryRun || steps.length === 0) return { deployment, steps, probes: [] };

  const state = await remember(attempt, deployment);
  call.emit({
    type: 'plan',
    steps: steps.map(({ id, title, cause, dependsOn }) => ({ id, title, cause, dependsOn })),
  });
  const reports = await carryOut(world, runtime, deployment, steps, options, call);
  if (reports.length > 0)
    await world.state.save(environment, { ...state, lastProbe: summaryOf(reports, world.now()) });
  return { deployment, steps, probes: reports };
}

const announced = ({ id, title, cause, dependsOn }: Step): PlannedStep => ({ id, title, cause, dependsOn });

async function carryOut(
  world: World,
  runtime: Runtime,
  deployment: Deployment,
  steps: readonly Step[],
  options: UpOptions,
  call: Call,
): Promise<readonly ProbeReport[]> {
  const perform = performer(world, runtime, deployment, options, call);
  try {
    await execute(steps, perform.action, { emit: call.emit, signal: call.signal, now: world.now });
  } catch (error) {
    // The environment is up; that messages do not flow is a result, told hop by hop, and it is left for a look.
    if (!(error instanceof DevenvError && error.code === 'PROBE_FAILED')) throw error;
  } finally {
    perform.end();
  }
  return perform.reports;
}

async function allocate(
  { world, project, options, before, call }: Attempt,
  own: ReadonlySet<number>,
  avoid: ReadonlySet<number>,
): Promise<PortAllocation> {
  const { environment, topology } = project;
  const sticky = Object.fromEntries(
    Object.entries(before?.ports ?? {}).filter(([, port]) => !avoid.has(port)),
  );
  // All of them held by our own services: nothing to choose, and a healthy environment stays an instant no-op.
  if (topology.ports.every(({ name }) => sticky[name] !== undefined && own.has(sticky[name]))) {
    return Object.fromEntries(topology.ports.map(({ name }) => [name, sticky[name]!]));
  }
  const { signal, emit } = call;
  const { ports, moved, notes } = await world.ports.allocate({
    environment,
    requests: topology.ports,
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
    ports: deployment.ports,
    createdAt: before?.createdAt || new Date(world.now()).toISOString(),
    lastProbe: before?.lastProbe ?? null,
  };
  await world.state.saveSecrets(environment, secrets);
  await world.state.save(environment, state);
  return state;
}

export function summaryOf(reports: readonly ProbeReport[], now: number): State['lastProbe'] {
  return {
    at: new Date(now).toISOString(),
    status: reports.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
    probes: reports.map(({ probe, status, ms, brokenHop }) => ({
      probe,
      status,
      ms,
      ...(brokenHop === undefined ? {} : { brokenHop }),
    })),
  };
}

/**
 * Nothing of this environment ran before, so nothing is left running now. Data that an earlier `up` had made is kept;
 * data of this one goes with it. Never throws: the error that led here is the one to tell.
 */
async function takeDown({ world, project, call, chosen, before }: Attempt): Promise<void> {
  const { environment } = project;
  const signal = AbortSignal.timeout(CLEAN_UP_WITHIN_MS);
  const stepId = 'clean-up';
  try {
    const context = { stepId, emit: call.emit, signal };
    const removed = await chosen.runtime.remove(environment, { volumes: before === null }, context);
    await world.ports.release(environment, signal);
    if (before === null) await world.state.remove(environment);
    if (removed.length > 0)
      call.emit({ type: 'note', level: 'info', text: `taken down again: ${removed.join(', ')}` });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    call.emit({
      type: 'note',
      level: 'warn',
      text: `not everything could be taken down (${why}); run \`devenv down\``,
    });
  }
}
