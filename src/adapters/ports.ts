import { createHash } from 'node:crypto';
import getPort from 'get-port';
import { DevenvError } from '../errors.ts';
import type { PortAllocation } from '../topology/deployment.ts';
import type { PortRequest } from '../topology/model.ts';
import { changeLeases, leasesFor, type PortLease, type PortOwner, stateHome } from './leases.ts';
import { type DescribeContainer, describeHolder } from './port-holders.ts';
import { probePort } from './port-probe.ts';

export type { PortLease, PortOwner } from './leases.ts';
export type { DescribeContainer } from './port-holders.ts';

export interface PortOptions {
  owner: PortOwner;
  signal: AbortSignal;
  /** Ports of this environment's last run: kept while they can be had, rather than the preferred ones. */
  sticky?: PortAllocation;
  /** Host ports that this environment's own services are bound to now: theirs to keep. */
  ownPorts?: ReadonlySet<number>;
  /** Ports that turned out to be unusable although they looked free. */
  avoid?: ReadonlySet<number>;
  /** Throw PORT_TAKEN instead of moving to another port. */
  strict?: boolean;
  describeContainer?: DescribeContainer;
  /** Default: `stateHome()`. */
  stateRoot?: string;
}

export interface PortChoice {
  ports: PortAllocation;
  /** Ports that are newly not the preferred ones, and who holds those. */
  moved: readonly MovedPort[];
  notes: readonly string[];
}

export interface MovedPort {
  name: string;
  preferred: number;
  port: number;
  /** Words that follow "is taken by". */
  holder: string;
}

/** A preferred port that could not be had: by whose lease, or by which errno. */
interface Refusal {
  name: string;
  preferred: number;
  lease: PortLease | undefined;
  reason: string;
}

/**
 * Chooses a host port for each request and leases them all to the environment, in place of its earlier leases: its
 * last port, else the preferred one, else a free one. Holders of taken ports are named and never touched. Throws
 * PORT_TAKEN (strict), NO_FREE_PORT, LOCK_TIMEOUT, STATE_UNWRITABLE, or the signal's reason.
 */
export async function allocatePorts(
  requests: readonly PortRequest[],
  options: PortOptions,
): Promise<PortChoice> {
  const { owner, signal, strict = false, describeContainer } = options;
  const choice = await changeLeases(options.stateRoot ?? stateHome(), signal, async ({ leases, notes }) => {
    const others = leases.filter((lease) => lease.owner !== owner.id);
    const { ports, refusals } = await choose(requests, others, options);
    const store = strict && refusals.length > 0 ? null : [...others, ...(await leasesFor(owner, ports))];
    return { leases: store, result: { ports, refusals, notes } };
  });
  // Looking up holders takes a while: not under the lock.
  const moved = await Promise.all(
    choice.refusals.map(async ({ name, preferred, lease, reason }) => ({
      name,
      preferred,
      port: choice.ports.get(name) ?? 0,
      holder:
        reason === 'EACCES'
          ? 'the system, which gives ports below 1024 to privileged users only'
          : reason === 'EADDRINUSE'
            ? await describeHolder(preferred, { lease, describeContainer })
            : reason,
    })),
  );
  if (strict && moved.length > 0) throw taken(moved);
  return { ports: Object.fromEntries(choice.ports), moved, notes: choice.notes };
}

/** Gives all ports of an environment back: it has stopped. */
export const releasePorts = (
  ownerId: string,
  { signal, stateRoot = stateHome() }: { signal: AbortSignal; stateRoot?: string },
): Promise<void> =>
  changeLeases(stateRoot, signal, async ({ leases }) => ({
    leases: leases.filter((lease) => lease.owner !== ownerId),
    result: undefined,
  }));

async function choose(
  requests: readonly PortRequest[],
  others: readonly PortLease[],
  { owner, sticky = {}, ownPorts = new Set(), avoid = new Set(), strict = false }: PortOptions,
): Promise<{ ports: Map<string, number>; refusals: Refusal[] }> {
  const leased = new Map(others.map((lease) => [lease.port, lease]));
  // A Map: a service may be called `constructor`.
  const ports = new Map<string, number>();
  const refusals: Refusal[] = [];
  const nameOf = (port: number): string | undefined =>
    [...ports.keys()].find((name) => ports.get(name) === port);

  const refusalOf = async (port: number): Promise<string | null> => {
    if (leased.has(port)) return 'EADDRINUSE';
    const sibling = nameOf(port);
    if (sibling !== undefined) return `the port "${sibling}" of this environment`;
    if (ownPorts.has(port)) return null;
    if (avoid.has(port)) return 'EADDRINUSE';
    const found = await probePort(port);
    return found === 'free' ? null : found;
  };

  // Last ports first, for all: one request's preference must not take another one's port.
  for (const { name, preferred } of requests) {
    const last = Object.hasOwn(sticky, name) ? sticky[name] : undefined;
    if (last === undefined || (strict && last !== preferred && !ownPorts.has(last))) continue;
    if ((await refusalOf(last)) === null) ports.set(name, last);
  }
  const open = requests.filter(({ name }) => !ports.has(name));
  const homeless: PortRequest[] = [];
  for (const { name, preferred } of open) {
    const reason = preferred === 0 ? 'any' : await refusalOf(preferred);
    if (reason === null) ports.set(name, preferred);
    else {
      homeless.push({ name, preferred });
      if (reason !== 'any') refusals.push({ name, preferred, lease: leased.get(preferred), reason });
    }
  }
  if (strict && refusals.length > 0) return { ports, refusals };
  for (const request of homeless) {
    const used = [
      ...leased.keys(),
      ...avoid,
      ...ports.values(),
      ...requests.map(({ preferred }) => preferred),
    ];
    ports.set(request.name, await freePort(request, owner.id, new Set(used)));
  }
  return { ports, refusals };
}

/** Below the ranges from which Linux and macOS take ports for outgoing connections: those come and go. */
const FIRST = 20_000;
const COUNT = 12_000;

/** An easily read neighbour (14222 for 4222), then a row that starts somewhere else for every environment. */
function* candidates({ name, preferred }: PortRequest, ownerId: string): Generator<number> {
  if (preferred >= 1024 && preferred + 10_000 < FIRST + COUNT) yield preferred + 10_000;
  const start = createHash('sha256').update(`${ownerId}/${name}`).digest().readUInt32BE(0);
  for (let n = 0; n < COUNT; n += 1) yield FIRST + ((start + n) % COUNT);
}

async function freePort(request: PortRequest, ownerId: string, exclude: Set<number>): Promise<number> {
  const port = await getPort({ port: candidates(request, ownerId), exclude }).catch(() => 0);
  // When the row is used up, get-port takes any port of the system's, without regard to `exclude`.
  if (port !== 0 && !exclude.has(port)) return port;
  throw new DevenvError('NO_FREE_PORT', `No free port was found for "${request.name}".`, {
    hint: 'Stop environments that are no longer needed: `devenv down` in their folders.',
  });
}

function taken(moved: readonly MovedPort[]): DevenvError {
  const lines = moved.map(
    ({ name, preferred, holder }) => `${name}: port ${preferred} is taken by ${holder}`,
  );
  return new DevenvError('PORT_TAKEN', `${lines[0]}.`, {
    hint: 'Stop the holder, set another port in devenv.yaml, or leave out --strict-ports to let devenv choose.',
    details: lines.length > 1 ? lines : [],
  });
}
