import type { LoadedConfig } from '../config/load.ts';
import type { LiveFacts, MachineFacts, PublishedFacts, StaticFacts } from '../doctor/facts.ts';
import { DevenvError } from '../errors.ts';
import { environmentOf } from './environment.ts';

/** What there is to know beyond files. At most one of the two: nothing is in the way of what runs. */
export interface Look {
  live: LiveFacts | null;
  machine: MachineFacts | null;
  /** Why a running environment could not be looked at. */
  notes: readonly string[];
}

export const NO_LOOK: Look = { live: null, machine: null, notes: [] };

export interface LookOptions {
  config: LoadedConfig;
  /** Whether it is a mistake that nothing runs. */
  isNeeded: boolean;
  look(signal: AbortSignal): Promise<LiveFacts | null>;
}

/**
 * At the running environment, or at the machine when nothing runs. Throws ENVIRONMENT_NOT_RUNNING, and what looking throws,
 * only when it is needed: else what the files say must not be lost over an engine that is away.
 */
export async function lookAround(
  { config, isNeeded, look }: LookOptions,
  signal: AbortSignal,
): Promise<Look> {
  try {
    const live = await look(signal);
    if (live !== null) return { ...NO_LOOK, live };
  } catch (error) {
    if (isNeeded || signal.aborted || !(error instanceof DevenvError)) throw error;
    return { ...NO_LOOK, notes: [`what runs could not be looked at: ${error.message}`] };
  }
  if (!isNeeded) return { ...NO_LOOK, machine: await machineFacts(config, signal) };
  throw new DevenvError(
    'ENVIRONMENT_NOT_RUNNING',
    `Environment "${config.environmentName}" of ${config.projectDir} is not running.`,
    { hint: 'Start it with `devenv up`, or leave --live out to look at the files only.' },
  );
}

/** Asked of processes and of the engine; neither takes long unless it hangs. */
const MACHINE_ANSWERS_WITHIN_MS = 1_500;

/** What is in the way of a project of which nothing runs. */
async function machineFacts(config: LoadedConfig, signal: AbortSignal): Promise<MachineFacts> {
  const [{ gatherMachineFacts }, { stateStore }] = await Promise.all([
    import('./live-facts-machine.ts'),
    import('./state-store.ts'),
  ]);
  const { topology, runtime } = config;
  const environment = environmentOf(config.projectDir, config.environmentName);
  // A state that cannot be read is told by whoever needs it; without it the preferred ports are looked at.
  const state = await stateStore.load(environment).catch(() => null);
  return gatherMachineFacts(
    { environment, topology, runtime, ...(state !== null && { ports: state.ports }) },
    { signal, timeoutMs: MACHINE_ANSWERS_WITHIN_MS },
  );
}

/** What is in the way of Compose files, whoever runs them; null when they publish nothing. */
export async function lookAtPublished(
  facts: StaticFacts,
  { cwd, config }: { cwd: string; config: LoadedConfig | null },
  signal: AbortSignal,
): Promise<PublishedFacts | null> {
  if (facts.composes.length === 0) return null;
  const { gatherPublishedFacts } = await import('./published-ports.ts');
  const where = { cwd, projectDir: config?.projectDir ?? null };
  const found = await gatherPublishedFacts(facts, where, { signal, timeoutMs: MACHINE_ANSWERS_WITHIN_MS });
  return found.ports.length === 0 ? null : found;
}
