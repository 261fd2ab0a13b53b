import { DevenvError } from '../errors.ts';
import type { Endpoints, ProbeReport } from '../probes/probe.ts';
import { hostVariables } from '../render/environment.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Call } from './engine.ts';
import { lastLines } from './exit-watch.ts';
import type { World } from './world.ts';

/** Bounds a whole probe; its hops have shorter deadlines of their own. */
const PROBE_WITHIN_MS = 60_000;
const RUNNING_STATES = new Set(['running', 'starting', 'backoff']);

export async function runProbe(
  world: World,
  runtime: Runtime,
  deployment: Deployment,
  name: string,
  { emit, signal: caller }: Call,
): Promise<ProbeReport> {
  const probe = world.probes.find((candidate) => candidate.name === name);
  if (probe === undefined) {
    throw new DevenvError('UNKNOWN_PROBE', `there is no probe "${name}"`, {
      hint: `Probes: ${world.probes.map(({ name: known }) => known).join(', ')}.`,
    });
  }
  const { environment, topology } = deployment;
  const signal = AbortSignal.any([caller, AbortSignal.timeout(PROBE_WITHIN_MS)]);
  emit({ type: 'probe-started', probe: probe.name, summary: probe.summary });
  const report = await probe.run({
    topology,
    endpoints: endpointsOf(deployment),
    signal,
    emit,
    control: {
      kill: (service) => runtime.kill(environment, service, signal),
      ensureRunning: (service) => ensureRunning(runtime, deployment, service, { emit, signal }),
    },
    lastLogs: (service, lines) => lastLines(runtime, environment, service, lines, signal),
  });
  caller.throwIfAborted();
  emit({
    type: 'probe-done',
    probe: report.probe,
    status: report.status,
    ms: report.ms,
    ...(report.brokenHop === undefined ? {} : { brokenHop: report.brokenHop }),
  });
  return report;
}

/** The process runtime brings a killed service back by itself; an engine may take our kill for an intended stop. */
async function ensureRunning(
  runtime: Runtime,
  { environment }: Deployment,
  service: string,
  { emit, signal }: Call,
) {
  const seen = (await runtime.observe(environment, signal)).find(
    (candidate) => candidate.service === service,
  );
  if (seen !== undefined && RUNNING_STATES.has(seen.state)) return;
  await runtime.restart(environment, [service], { stepId: `probe:${service}`, emit, signal });
}

function endpointsOf(deployment: Deployment): Endpoints {
  const urls = hostVariables(deployment);
  return {
    natsUrl: urls.NATS_URL!,
    natsMonitorUrl: urls.NATS_MONITOR_URL!,
    databaseUrl: urls.DATABASE_URL!,
    services: Object.fromEntries(
      deployment.topology.services
        .filter(({ name }) => deployment.ports[name] !== undefined)
        .map(({ name }) => [name, `http://127.0.0.1:${deployment.ports[name]}`]),
    ),
  };
}
