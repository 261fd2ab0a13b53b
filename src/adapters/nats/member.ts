import type { NatsAccess } from '../../topology/deployment.ts';
import { type Bounds, messageOf, type Readiness } from '../deadline.ts';
import { checkNats } from './check.ts';
import { monitoring } from './monitoring.ts';
import { addressText } from './url.ts';

export interface MemberReadiness extends Readiness {
  /** It runs, and the cluster goes on without it. */
  outside?: true;
}

/**
 * Is one server of a cluster ready, and is it a member? The others answer JetStream's API through one that was never
 * taken in as well, so it is asked itself, by its monitoring, whether it knows who leads. Servers before 2.11 that form a
 * new cluster all at once leave one of them outside now and then, for good: about one start in fifteen, seen on 2.10.27.
 */
export async function checkMember(
  access: NatsAccess,
  monitorUrl: string,
  options: Bounds,
): Promise<MemberReadiness> {
  const check = await checkNats(access, options);
  if (!check.ready) return check;
  try {
    const { cluster } = await monitoring(monitorUrl, options).jsz();
    if (cluster?.leader) return check;
  } catch (error) {
    options.signal.throwIfAborted();
    return { ready: false, detail: `${monitorUrl}: ${messageOf(error)}` };
  }
  return {
    ready: false,
    outside: true,
    detail: `nats-server at ${addressText(access)} is not a member of the cluster, which has a leader without it`,
  };
}
