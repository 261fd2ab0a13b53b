import * as z from 'zod';

/** A count that other versions may leave out. */
const count = z.number().finite().catch(0);
const text = z.string().catch('');

/** A follower that said nothing for longer is not counted: the server itself waits 10 s before it says `current: false`. */
const SILENT_AFTER_NS = 5e9;

const varz = z.object({
  version: z.string(),
  server_name: text,
  start: text,
  config_load_time: text,
  slow_consumers: count,
  max_payload: count,
  connections: count,
});

/** `/varz` of 2.9 to 2.15. Throws when it is none. */
export function serverState(answer: unknown) {
  const { version, server_name, start, config_load_time, slow_consumers, max_payload, connections } = parsed(
    varz,
    answer,
  );
  return {
    version,
    serverName: server_name,
    start,
    /** As the server writes it: another one after each reload. */
    configLoadTime: config_load_time,
    slowConsumers: slow_consumers,
    maxPayload: max_payload,
    connections,
  };
}

const peer = z.object({
  name: text,
  current: z.boolean().catch(false),
  offline: z.boolean().catch(false),
  active: count,
});
const cluster = z.object({
  leader: text,
  cluster_size: count,
  replicas: z.array(peer).optional().catch(undefined),
});
const jsz = z.object({
  disabled: z.boolean().catch(false),
  config: z.object({ max_memory: count, max_storage: count }).catch({ max_memory: 0, max_storage: 0 }),
  memory: z.number(),
  storage: z.number(),
  reserved_memory: count,
  reserved_storage: count,
  meta_cluster: cluster.nullish().catch(null),
});

/** `/jsz`. Throws when it is none. */
export function jetStreamState(answer: unknown) {
  const state = parsed(jsz, answer);
  const { meta_cluster: meta } = state;
  return {
    enabled: !state.disabled,
    storage: state.storage,
    reservedStorage: state.reserved_storage,
    maxStorage: state.config.max_storage,
    memory: state.memory,
    reservedMemory: state.reserved_memory,
    maxMemory: state.config.max_memory,
    cluster:
      meta == null
        ? null
        : { leader: meta.leader || null, size: meta.cluster_size, peersOnline: peersOnline(meta) },
  };
}

/** Only the leader hears of all others: before 2.15 followers list nobody, from then on those they have not heard of. */
function peersOnline({ leader, replicas }: z.infer<typeof cluster>): number | null {
  const isFollower = replicas === undefined || replicas.some(({ name }) => name === leader);
  if (isFollower) return null;
  const heard = replicas.filter(
    ({ current, offline, active }) => current && !offline && active < SILENT_AFTER_NS,
  );
  return 1 + heard.length;
}

const connz = z.object({
  connections: z.array(
    z.object({
      cid: z.number(),
      name: text,
      authorized_user: text,
      account: text,
      stop: z.string().optional().catch(undefined),
      reason: z.string().optional().catch(undefined),
      pending_bytes: count,
    }),
  ),
});

/** `/connz?auth=true&state=any`. Throws when it is none. */
export const clientConnections = (answer: unknown) =>
  parsed(connz, answer).connections.map(
    ({ cid, name, authorized_user, account, stop, reason, pending_bytes }) => ({
      cid,
      name,
      user: authorized_user,
      account,
      open: stop === undefined,
      ...(reason === undefined ? {} : { reason }),
      pendingBytes: pending_bytes,
    }),
  );

/** `/accountz`. Throws when it is none. */
export const accountNames = (answer: unknown): string[] =>
  parsed(z.object({ accounts: z.array(z.string()) }), answer).accounts;

/** `/healthz`: 200 and `{"status":"ok"}`, or 503 with the reason. */
export function healthAnswer({ status, text: body }: { status: number; text: string }) {
  const line = (value: string) => value.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
  try {
    const { status: word, error } = z.object({ status: text, error: text }).parse(JSON.parse(body));
    return { status, text: line(error === '' ? word : error) };
  } catch {
    return { status, text: line(body) };
  }
}

/** As the shape says, or an Error that names the first field that is not. */
function parsed<T>(shape: z.ZodType<T>, value: unknown): T {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'the whole answer';
  throw new Error(
    issue?.code === 'invalid_type' ? `${field} is no ${issue.expected}` : `${field} is unexpected`,
  );
}
