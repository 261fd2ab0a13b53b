import type { NatsAccess } from '../../topology/deployment.ts';
import { type Bounds, DeadlineError, type Readiness } from '../deadline.ts';
import { requestHttp } from '../http.ts';
import { checkNats } from './check.ts';
import { addressText } from './url.ts';

export interface MemberReadiness extends Readiness {
  /** It runs, and the cluster goes on without it. */
  outside?: true;
}

export interface Membership {
  /** Name of the server that is asked about. */
  server: string;
  /** Server name → `http://127.0.0.1:8222`, for all servers of the cluster. */
  monitorUrls: Readonly<Record<string, string>>;
}

/**
 * Is one server of a cluster ready, and does the one that leads count it in? JetStream's API is answered through a server
 * that was left outside as well, and that server knows who leads. Servers before 2.11 that form a new cluster all at once
 * leave one of them outside now and then, for good: one start in ten, seen on 2.10.27.
 */
export async function checkMember(
  access: NatsAccess,
  { server, monitorUrls }: Membership,
  options: Bounds,
): Promise<MemberReadiness> {
  const check = await checkNats(access, options);
  if (!check.ready) {
    const hangs = await isHanging({ server, monitorUrls }, options);
    return hangs ? { ...check, outside: true } : check;
  }
  const views = await Promise.all(
    Object.entries(monitorUrls).map(async ([name, url]) => ({ name, meta: await metaGroup(url, options) })),
  );
  const leading = views.find(({ name, meta }) => meta?.leader === name);
  const where = `nats-server at ${addressText(access)}`;
  if (leading === undefined)
    return { ready: false, detail: `${where}: no server says that it leads the cluster` };
  const members = [leading.name, ...(leading.meta?.replicas ?? []).map(({ name }) => name)];
  if (members.includes(server)) return check;
  return {
    ready: false,
    outside: true,
    detail: `${where} is not a member of the cluster, which has formed without it`,
  };
}

/**
 * It takes connections and says nothing, not even by its monitoring, which answers from the start of a server on, while
 * another one leads the cluster. One without a leader to ask is silent about JetStream only.
 */
async function isHanging({ server, monitorUrls }: Membership, options: Bounds): Promise<boolean> {
  const { [server]: own, ...others } = monitorUrls;
  if (own === undefined) return false;
  const isSilent = requestHttp(`${own}/varz`, options).then(
    () => false,
    (error: unknown) => error instanceof DeadlineError,
  );
  const groups = Object.entries(others).map(
    async ([name, url]) => (await metaGroup(url, options))?.leader === name,
  );
  const [silent, leads] = await Promise.all([isSilent, Promise.all(groups)]);
  return silent && leads.includes(true);
}

interface MetaGroup {
  leader?: string;
  /** Complete only where the leader itself is asked. */
  replicas?: { name: string }[];
}

/** undefined when the server does not answer, or not as a member of a cluster does. */
async function metaGroup(monitorUrl: string, options: Bounds): Promise<MetaGroup | undefined> {
  try {
    const { text } = await requestHttp(`${monitorUrl}/jsz`, options);
    return (JSON.parse(text) as { meta_cluster?: MetaGroup } | null)?.meta_cluster;
  } catch {
    options.signal.throwIfAborted();
    return undefined;
  }
}
