import { DevenvError } from '../errors.ts';
import { type Attempt, announced, attemptWithPorts } from './attempt.ts';
import { type ChosenRuntime, chooseRuntime, needsDocker, processInstead } from './choose-runtime.ts';
import type { Call, UpOptions, UpResult } from './engine.ts';
import { refuseFindings } from './preflight.ts';
import { clearProbeRemains } from './probe-remains.ts';
import type { Project } from './project.ts';
import { serviceRows } from './rows.ts';
import { cleanUpSignal, takeDown } from './take-down.ts';
import type { KnownSecrets, World } from './world.ts';

export async function up(world: World, project: Project, options: UpOptions, call: Call): Promise<UpResult> {
  await refuseFindings(project, call);
  return world.lock(project.environment, call, () => upLocked(world, project, options, call));
}

/** `up` for an environment that runs, with new credentials for the named users. */
export async function renewAndBringUp(
  world: World,
  project: Project,
  users: readonly string[],
  { timeoutMs }: Pick<UpOptions, 'timeoutMs'>,
  call: Call,
): Promise<UpResult> {
  const options: UpOptions = {
    runtime: 'auto',
    dryRun: false,
    probe: false,
    strictPorts: false,
    keep: true,
    timeoutMs,
  };
  return world.lock(project.environment, call, () => upLocked(world, project, options, call, users));
}

async function upLocked(
  world: World,
  project: Project,
  options: UpOptions,
  call: Call,
  renewed: readonly string[] = [],
): Promise<UpResult> {
  const started = world.now();
  const { environment } = project;
  const before = await world.state.load(environment);
  const wanted = options.runtime === 'auto' ? project.runtime : options.runtime;
  const chosen = await chooseRuntime(world, project, wanted, before, call);
  const known = await world.state.loadSecrets(environment);
  const secrets = await world.secretsFor(project.topology, without(known, renewed));
  const isNew = chosen.services.length === 0;
  const sticky = { ports: before?.ports ?? {} };
  let attempt: Attempt = { world, project, options, call, chosen, secrets, before, sticky };
  try {
    const outcome = await attemptWithPorts(attempt).catch(async (error: unknown) => {
      if (wanted !== 'auto' || !isNew) throw error;
      attempt = { ...attempt, chosen: await withoutImages(attempt, error) };
      return attemptWithPorts(attempt);
    });
    const { runtime } = attempt.chosen;
    if (!options.dryRun) await clearProbeRemains(world, outcome.deployment, call);
    if (options.dryRun && isNew) await world.ports.release(environment, call.signal);
    // Named one by one: the deployment holds credentials and must not get into a result.
    return {
      environment: environment.name,
      runtime: runtime.kind,
      isNew,
      steps: outcome.steps.map(announced),
      dryRun: options.dryRun,
      services: options.dryRun ? [] : await serviceRows(world, runtime, outcome.deployment, call.signal),
      configured: outcome.followed,
      probes: outcome.probes,
      ms: world.now() - started,
    };
  } catch (error) {
    if (isNew && options.dryRun) await world.ports.release(environment, cleanUpSignal());
    else if (isNew && !options.keep) await takeDown(attempt);
    throw error;
  }
}

/** What is not known is made anew. */
const without = (known: KnownSecrets | null, users: readonly string[]): KnownSecrets | null =>
  known?.nats === undefined
    ? known
    : {
        ...known,
        nats: Object.fromEntries(Object.entries(known.nats).filter(([name]) => !users.includes(name))),
      };

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
