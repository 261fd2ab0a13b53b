import { setTimeout as delay } from 'node:timers/promises';
import type { PortLease } from './leases.ts';
import { type Listener, listenersOf } from './processes.ts';

/** Name of the container that publishes a host port, null when none does; asked of the engine by whoever has it. */
export type DescribeContainer = (port: number) => Promise<string | null>;

/**
 * Who has a port, as words that follow "is taken by": an environment, a container, or a process. Never fails: a
 * holder that cannot be found out is said to be unknown.
 */
export async function describeHolder(
  port: number,
  known: { lease?: PortLease | undefined; describeContainer?: DescribeContainer | undefined },
): Promise<string> {
  if (known.lease !== undefined)
    return `devenv environment ${known.lease.environment} (${known.lease.projectDir})`;
  const [container, listeners] = await Promise.all([
    known.describeContainer === undefined ? null : askEngine(known.describeContainer, port),
    listenersOf(port).catch((): readonly Listener[] => []),
  ]);
  if (container !== null) return `container ${container}`;
  const [first] = listeners;
  return first === undefined
    ? 'a process that cannot be seen from here (another user, another container, or just gone)'
    : describeListener(first);
}

/** An engine that hangs must not hold up the answer. */
async function askEngine(describeContainer: DescribeContainer, port: number): Promise<string | null> {
  const timer = new AbortController();
  const tooLate = delay(1_000, null, { signal: timer.signal }).catch(() => null);
  try {
    return await Promise.race([describeContainer(port), tooLate]);
  } catch {
    return null;
  } finally {
    timer.abort();
  }
}

/** A listening process in words; the proxy that Docker puts before a published port names its container. */
export function describeListener({ pid, command, cwd }: Listener): string {
  const address = /(?:^|\/)docker-proxy\b.*-container-ip[= ](\S+)/.exec(command)?.[1];
  const port = /-container-port[= ](\d+)/.exec(command)?.[1];
  if (address !== undefined)
    return `a container at ${address}${port === undefined ? '' : `:${port}`} (docker-proxy, pid ${pid ?? '?'})`;
  if (pid === null) return command;
  return `pid ${pid} (${command})${cwd === undefined || cwd === '/' ? '' : ` in ${cwd}`}`;
}
