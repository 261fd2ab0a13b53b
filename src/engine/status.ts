import { type Deployment, serviceNames } from '../topology/deployment.ts';
import { accountAccess } from './account-access.ts';
import { findCurrent } from './current.ts';
import type { Call, StatusReport } from './engine.ts';
import type { Project } from './project.ts';
import { serviceRows } from './rows.ts';
import type { World } from './world.ts';

/** A server that does not answer within this is reported as not answering. */
const USAGE_WITHIN_MS = 2_000;

export async function status(world: World, project: Project, { signal }: Call): Promise<StatusReport> {
  const { environment, topology } = project;
  const base = { name: environment.name, project: topology.project, projectDir: environment.projectDir };
  const current = await findCurrent(world, project, signal);
  if (current === null) {
    const state = await world.state.load(environment);
    const services = serviceNames(topology).map((service) => ({
      service,
      state: 'absent' as const,
      health: { status: 'unknown' as const, detail: 'it does not run' },
      ports: {},
      restarts: 0,
    }));
    return {
      ...base,
      runtime: null,
      running: false,
      services,
      jetstream: null,
      lastProbe: state?.lastProbe ?? null,
    };
  }
  const { deployment, runtime, state } = current;
  const [services, jetstream] = await Promise.all([
    serviceRows(world, runtime, deployment, signal),
    usageOf(world, deployment, AbortSignal.any([signal, AbortSignal.timeout(USAGE_WITHIN_MS)])).catch(
      () => null,
    ),
  ]);
  signal.throwIfAborted();
  return { ...base, runtime: runtime.kind, running: true, services, jetstream, lastProbe: state.lastProbe };
}

/** async, so that servers that were never started are told as servers that do not answer. */
async function usageOf(world: World, deployment: Deployment, signal: AbortSignal) {
  return world.topology.usage(accountAccess(deployment), deployment.topology, signal);
}
