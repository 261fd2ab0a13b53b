import type { JetStreamAccountStats } from '@nats-io/jetstream';

/** Bytes; `limit` is -1 when nothing bounds it. */
export interface StorageUsage {
  used: number;
  reserved: number;
  limit: number;
}

export interface JetStreamUsage {
  memory: StorageUsage;
  file: StorageUsage;
  streams: number;
  consumers: number;
}

/** Limits that hold when the account itself has none: those of the server, in bytes. */
export interface ServerLimits {
  maxMemoryStore: number;
  maxFileStore: number;
}

/** `$JS.API.INFO` as usage; an account without limits of its own (-1) is bounded by the server's. */
export function usageOf(stats: JetStreamAccountStats, server: ServerLimits | undefined): JetStreamUsage {
  const { limits } = stats;
  return {
    memory: {
      used: stats.memory,
      reserved: stats.reserved_memory ?? 0,
      limit: limits.max_memory >= 0 ? limits.max_memory : (server?.maxMemoryStore ?? -1),
    },
    file: {
      used: stats.storage,
      reserved: stats.reserved_storage ?? 0,
      limit: limits.max_storage >= 0 ? limits.max_storage : (server?.maxFileStore ?? -1),
    },
    streams: stats.streams,
    consumers: stats.consumers,
  };
}
