import type { NatsConnection } from '@nats-io/transport-node';

/** Who leads a replicated stream or holds a copy of it, by server name. */
export interface Leadership {
  leader: string | undefined;
  /** The copies beside the leader's. */
  copies: readonly { server: string; current: boolean; offline: boolean }[];
}

interface StreamInfo {
  cluster?: {
    leader?: string;
    replicas?: { name: string; current?: boolean; offline?: boolean }[];
  };
}

/**
 * Asks the leader of a stream, who alone answers; undefined when nobody does within `timeoutMs`, which is how a stream
 * without a leader looks, or when the answer is an error. A server that is alone names no leader.
 */
export async function leadershipOf(
  connection: NatsConnection,
  stream: string,
  timeoutMs: number,
): Promise<Leadership | undefined> {
  const answer = await connection
    .request(`$JS.API.STREAM.INFO.${stream}`, '', { timeout: timeoutMs })
    .catch(() => undefined);
  const info = answer?.json<StreamInfo & { error?: unknown }>();
  if (info === undefined || info.error !== undefined) return undefined;
  return {
    leader: info.cluster?.leader || undefined,
    copies: (info.cluster?.replicas ?? []).map(({ name, current = false, offline = false }) => ({
      server: name,
      current,
      offline,
    })),
  };
}
