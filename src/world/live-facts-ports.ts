import { basename } from 'node:path';
import type { Bounds } from '../adapters/deadline.ts';
import { changeLeases, type PortLease, stateHome } from '../adapters/leases.ts';
import { describeListener } from '../adapters/port-holders.ts';
import { probePort } from '../adapters/port-probe.ts';
import type { Listener } from '../adapters/process-table.ts';
import { descendants, listenersOf } from '../adapters/processes.ts';
import type { PortHolder } from '../doctor/facts.ts';
import { describePortHolder } from '../runtime/docker/port-holder.ts';
import { layoutOf } from '../runtime/process/layout.ts';
import { findProcesses } from '../runtime/process/orphans.ts';
import type { ObservedService } from '../runtime/runtime.ts';
import { type Environment, POSTGRES_PORT, POSTGRES_SERVICE } from '../topology/deployment.ts';
import type { RuntimeKind, Topology } from '../topology/model.ts';
import { natsServers } from '../topology/servers.ts';
import { reading } from './live-facts-reading.ts';

/** Processes that have to do with an environment. */
export interface OwnProcesses {
  /** Those that are its services now, and everything below them. */
  now: ReadonlySet<number>;
  /** pid → service, of those that carry its mark, whether or not its supervisor knows them. */
  marked: ReadonlyMap<number, string>;
  /** Port → the other environment of this machine that has set it aside. */
  others: ReadonlyMap<number, Pick<PortLease, 'environment' | 'projectDir'>>;
}

export async function ownProcesses(
  environment: Environment,
  observed: readonly ObservedService[],
  bounds: Bounds,
): Promise<OwnProcesses> {
  const roots = observed.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  const [below, marked, leases] = await Promise.all([
    Promise.all(roots.map((pid) => descendants(pid).catch(() => []))),
    findProcesses(environment.id, layoutOf(environment)).catch(() => []),
    reading(bounds, ({ signal }) =>
      changeLeases(stateHome(), signal, async (book) => ({ leases: null, result: book.leases })),
    ),
  ]);
  return {
    now: new Set([...roots, ...below.flat().map(({ pid }) => pid)]),
    marked: new Map(marked.flatMap(({ pid, service }) => (service === null ? [] : [[pid, service]]))),
    others: new Map(
      (leases.ok ? leases.value : [])
        .filter(({ owner }) => owner !== environment.id)
        .map((lease) => [lease.port, lease]),
    ),
  };
}

/** Port names of a service, as `natsServers` and `PortRequest` have them. */
export function portNamesOf(topology: Topology, service: string): string[] {
  const server = natsServers(topology).find((candidate) => candidate.service === service);
  if (server !== undefined) {
    const { clientPort, monitorPort, routePort } = server;
    return [clientPort, monitorPort, ...(routePort === undefined ? [] : [routePort])];
  }
  if (service === POSTGRES_SERVICE) return [POSTGRES_PORT];
  return topology.services.some(({ name, port }) => name === service && port !== undefined) ? [service] : [];
}

export interface PortQuestion {
  runtime: RuntimeKind;
  topology: Topology;
  service: string;
  /** Port name. */
  name: string;
  seen: ObservedService | undefined;
  own: OwnProcesses;
  /** Whether to try to bind the port when nobody can be seen on it; never where a service may be about to do the same. */
  bind?: boolean;
}

/** Who listens on a port of this machine; null when nobody does. */
export async function portHolder(port: number, question: PortQuestion): Promise<PortHolder | null> {
  const { runtime, seen, own, name } = question;
  // Whatever its state: one that is paused holds its ports, and one that has ended publishes none.
  if (runtime === 'docker' && seen?.ports?.[name] === port)
    return { own: true, text: `container ${seen.container ?? question.service}` };
  const listeners = await listenersOf(port);
  const mine = listeners.find(({ pid }) => pid !== null && own.now.has(pid));
  if (mine !== undefined) return { own: true, text: describeListener(mine), ...pidOf(mine) };
  const [first] = listeners;
  if (first === undefined) return question.bind === true ? unseenHolder(port) : null;
  const other = own.others.get(port);
  if (other !== undefined) {
    const text = `devenv environment ${other.environment} of ${other.projectDir}: ${describeListener(first)}`;
    return { own: false, text, ...pidOf(first) };
  }
  const container = await describePortHolder(port);
  if (container !== null) return { own: false, text: `container ${container}` };
  const stale = recognised(first, question);
  return {
    own: false,
    text: describeListener(first),
    ...pidOf(first),
    ...(stale === undefined ? {} : { stale }),
  };
}

/** Another container's network, another user, or a rule of the system: only the attempt shows it. */
async function unseenHolder(port: number): Promise<PortHolder | null> {
  const code = await probePort(port);
  if (code === 'free') return null;
  const container = await describePortHolder(port);
  if (container !== null) return { own: false, text: `container ${container}` };
  return code === 'EACCES'
    ? { own: false, text: 'the system, which gives ports below 1024 to privileged users only' }
    : { own: false, text: `somebody who cannot be seen from here (${code})` };
}

const pidOf = ({ pid }: Listener): { pid?: number } => (pid === null ? {} : { pid });

/** By what a process is known as an earlier run of the service whose port it holds. */
function recognised(
  { pid, command, cwd }: Listener,
  { topology, service, own }: PortQuestion,
): string | undefined {
  if (pid !== null && own.marked.has(pid))
    return `devenv started it as ${own.marked.get(pid)} of this environment, and it outlived that`;
  const source = topology.services.find(({ name }) => name === service)?.source;
  if (source?.kind !== 'command' || cwd !== source.cwd) return undefined;
  return isSameCommand(command, source.command)
    ? `it is the same command in the same folder, ${cwd}`
    : undefined;
}

/** `shown` is one line, shortened when it is long; its program may have been found on the PATH, so only its end is known. */
export function isSameCommand(shown: string, [program = '', ...args]: readonly string[]): boolean {
  const [first = '', ...rest] = shown.split(' ');
  const isProgram = first === program || basename(first) === basename(program);
  const said = rest.join(' ');
  const wanted = args
    .join(' ')
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return isProgram && (said.endsWith('…') ? wanted.startsWith(said.slice(0, -1)) : wanted === said);
}
