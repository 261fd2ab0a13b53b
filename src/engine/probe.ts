import { DevenvError } from '../errors.ts';
import type { Endpoints, ProbeReport } from '../probes/probe.ts';
import { adminAccess, databaseUrl, natsMonitorUrl } from '../render/environment.ts';
import type { LogLine, Runtime } from '../runtime/runtime.ts';
import { type Deployment, NATS_SERVICE } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
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
    marks: world.remains.marks(environment),
    lastLogs: (service, lines) => lastWords(runtime, deployment, service, lines, signal),
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

/** To a probe all servers of a cluster are `nats`. */
async function lastWords(
  runtime: Runtime,
  { environment, topology }: Deployment,
  service: string,
  lines: number,
  signal: AbortSignal,
): Promise<readonly LogLine[]> {
  const names = service === NATS_SERVICE ? natsServers(topology).map((server) => server.service) : [service];
  const each = await Promise.all(names.map((name) => lastLines(runtime, environment, name, lines, signal)));
  return each
    .flat()
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(-lines);
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

export function endpointsOf(deployment: Deployment): Endpoints {
  const { topology } = deployment;
  // The probes follow the shipped pipeline, so they look into the account that it works in.
  const pipeline = topology.services.find(({ source }) => source.kind === 'builtin');
  return {
    nats: adminAccess(deployment, pipeline?.account),
    natsMonitorUrl: natsMonitorUrl(deployment),
    databaseUrl: databaseUrl(deployment, 'host'),
    services: Object.fromEntries(
      deployment.topology.services
        .filter(({ name }) => deployment.ports[name] !== undefined)
        .map(({ name }) => [name, `http://127.0.0.1:${deployment.ports[name]}`]),
    ),
  };
}
