import { DevenvError } from '../errors.ts';
import type { ProbeReport } from '../probes/probe.ts';
import { databaseUrl } from '../render/environment.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';
import { accountAccess } from './account-access.ts';
import { rememberConfs } from './configurations.ts';
import { configure } from './configure.ts';
import type { Call, Followed } from './engine.ts';
import type { Perform } from './execute.ts';
import { ExitWatch } from './exit-watch.ts';
import { migrationPlan } from './observe.ts';
import { lettingIn } from './outsider.ts';
import { runProbe } from './probe.ts';
import { askOf, waitUntilReady } from './readiness.ts';
import type { World } from './world.ts';

export interface Performer {
  action: Perform;
  /** Reports of the probes that ran so far. */
  reports: ProbeReport[];
  /** Servers that were given another configuration so far. */
  followed: Followed[];
  end(): void;
}

/** Maps each action of a plan to the one call that does it. */
export function performer(
  world: World,
  runtime: Runtime,
  deployment: Deployment,
  options: { timeoutMs: number },
  { emit, signal: whole }: Call,
): Performer {
  const { environment, topology } = deployment;
  const exits = new ExitWatch(runtime, environment, { emit, signal: whole });
  const reports: ProbeReport[] = [];
  const followed: Followed[] = [];

  const ready = async (service: string, stepId: string, signal: AbortSignal): Promise<string> => {
    const ask = lettingIn(
      askOf(world, deployment, service, () => seenNow(runtime, deployment, service, signal)),
      async () => {
        const text = `the cluster goes on without ${service}; starting it again`;
        emit({ type: 'note', level: 'warn', text });
        await runtime.restart(environment, [service], { stepId, emit, signal });
      },
      world.now,
    );
    const deadline = world.now() + options.timeoutMs;
    const check = await waitUntilReady(world, {
      service,
      ask,
      deadline,
      signal,
      died: exits.died(service, signal),
    });
    return check.detail;
  };

  const action: Perform = async (action, { id: stepId }, signal) => {
    switch (action.kind) {
      case 'prepare':
        await runtime.prepare(deployment, action.parts, { stepId, emit, signal });
        return undefined;
      case 'start':
        await runtime.start(deployment, action.services, { stepId, emit, signal });
        await exits.begin(action.services);
        await rememberConfs(world, runtime, deployment, action.services, signal);
        return undefined;
      case 'configure': {
        const started = (service: string) => exits.begin([service]);
        const context = { stepId, emit, signal };
        const means = { world, runtime, deployment, ready, started, context };
        const done = await configure(action, means);
        followed.push(...done);
        await rememberConfs(world, runtime, deployment, action.services, signal);
        return done.map(({ service, how }) => `${service} ${how}`).join(', ');
      }
      case 'ready':
        return ready(action.service, stepId, signal);
      case 'apply-topology':
        return told(await world.topology.apply(accountAccess(deployment), topology, signal));
      case 'migrate':
        return told(
          await world.migrations.apply(databaseUrl(deployment, 'host'), migrationPlan(deployment), signal),
        );
      case 'probe': {
        const report = await runProbe(world, runtime, deployment, action.probe, { emit, signal });
        reports.push(report);
        if (report.status !== 'failed') return report.status === 'skipped' ? 'skipped' : undefined;
        throw new DevenvError(
          'PROBE_FAILED',
          `probe ${report.probe} broke at: ${report.brokenHop ?? 'unknown'}`,
        );
      }
    }
  };
  return { action, reports, followed, end: () => exits.end() };
}

const told = (changes: readonly string[]): string | undefined =>
  changes.length === 0 ? 'nothing to change' : changes.join('; ');

async function seenNow(runtime: Runtime, { environment }: Deployment, service: string, signal: AbortSignal) {
  const all = await runtime.observe(environment, signal);
  return all.find((seen) => seen.service === service) ?? { state: 'absent' as const };
}
