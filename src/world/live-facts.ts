import { setMaxListeners } from 'node:events';
import type { Bounds } from '../adapters/deadline.ts';
import type { LiveFacts } from '../doctor/facts.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
import { liveAccounts, liveUsers } from './live-facts-accounts.ts';
import { liveConfs } from './live-facts-confs.ts';
import { recentLog } from './live-facts-log.ts';
import { reading } from './live-facts-reading.ts';
import { liveServer } from './live-facts-servers.ts';
import { liveServices } from './live-facts-services.ts';

/**
 * One look at a running environment, everything side by side. A server that is away, hangs, drips, answers garbage or
 * another version's fields is a fact with its reason: it takes `timeoutMs` at most for each thing asked, and nothing is
 * thrown but the signal's own reason.
 */
export async function gatherLiveFacts(
  deployment: Deployment,
  runtime: Runtime,
  { signal, timeoutMs }: Bounds,
): Promise<LiveFacts> {
  // Every question listens to it; from the eleventh on Node would warn of a leak that there is not.
  setMaxListeners(0, signal);
  const bounds: Bounds = { signal, timeoutMs };
  const at = Date.now();
  const seen = await reading(bounds, ({ signal: inner }) => runtime.observe(deployment.environment, inner));
  const observed = seen.ok ? seen.value : [];
  const [servers, accounts, users, log, services, confs] = await Promise.all([
    Promise.all(
      natsServers(deployment.topology).map((server) => liveServer(deployment, server, observed, bounds)),
    ),
    liveAccounts(deployment, bounds),
    liveUsers(deployment, bounds),
    recentLog(runtime, deployment, observed, bounds),
    liveServices(deployment, observed, bounds),
    reading(bounds, ({ signal: inner }) => liveConfs(deployment, runtime, inner)),
  ]);
  return { deployment, at, servers, accounts, users, log, services, confs };
}
