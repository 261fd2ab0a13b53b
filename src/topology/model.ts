import type { Entity } from './entities.ts';

/**
 * The declared truth, after defaults and precedence: what `config/` produces and everything else reads. Plain data,
 * JSON-safe, no I/O. Sizes are bytes (integers), durations are milliseconds (integers), paths are absolute.
 */
export type RuntimeKind = 'docker' | 'process';

export interface Topology {
  /** Project name, `[a-z0-9][a-z0-9_-]*`; also the default name of the environment. */
  project: string;
  nats: Nats;
  postgres: Postgres;
  /** What built-in and command services run in on the docker runtime, e.g. `node:22-alpine`. */
  nodeImage: string;
  /**
   * At least one. The first is where everything lives that names no other: `$G`, the server's own account, when none is
   * declared (so that data of projects without accounts keeps its place), else the first declared one.
   */
  accounts: readonly Account[];
  /** Monitoring reads the servers through it; it has no JetStream. */
  systemAccount: Account;
  /** Those of families included, one stream for each member. */
  streams: readonly Stream[];
  families: readonly StreamFamily[];
  consumers: readonly Consumer[];
  /** Subjects that travel without being stored: core NATS beside the streams. Patterns. */
  coreSubjects: readonly string[];
  entities: readonly Entity[];
  services: readonly Service[];
  /** Every port that devenv publishes on 127.0.0.1. */
  ports: readonly PortRequest[];
}

export interface Nats {
  /** Version wanted, e.g. `2.15.1`; the process runtime takes any server ≥ 2.10. */
  version: string;
  image: string;
  /** A nats-server to use instead of looking for one. */
  binary?: string;
  maxMemoryStore: number;
  maxFileStore: number;
  maxPayload: number;
  maxPending: number;
  maxConnections: number;
  /** How often file streams are synced to disk: milliseconds, or after every write. */
  syncInterval: number | 'always';
  /** 1, 3 or 5. Each has stores of its own, of maxMemoryStore and maxFileStore bytes. */
  servers: number;
  /** null = plain TCP. */
  tls: Tls | null;
}

export interface Tls {
  /** Clients have to show a certificate of the environment's own authority as well. */
  verifyClients: boolean;
}

export interface Account {
  name: string;
  /** null = no JetStream in this account. */
  jetstream: JetStreamLimits | null;
  /** Declared users; those of services and of devenv itself come from `users.ts`. */
  users: readonly User[];
}

/** Per account; bytes and counts, -1 = no limit of its own. */
export interface JetStreamLimits {
  maxMemory: number;
  maxFile: number;
  maxStreams: number;
  maxConsumers: number;
}

export type UserAuth = 'password' | 'bcrypt' | 'nkey';

export interface User extends Role {
  /** Unique over all accounts: the server looks users up by name alone. */
  name: string;
  account: string;
  auth: UserAuth;
}

/** What somebody does with subjects, declared by intent; the least permissions follow (`permissions.ts`). */
export interface Role {
  /** Patterns it publishes to, whether a stream keeps them or not. */
  publishes: readonly string[];
  /** It sends a message again, with the same id, until the answer comes. */
  messageIds?: boolean;
  /** Patterns it subscribes to on core NATS. */
  subscribes: readonly string[];
  /** Durable consumers it pulls from. */
  works: readonly Work[];
  /** Patterns it sends requests to. */
  requests: readonly string[];
  /** Patterns it answers requests on. */
  serves: readonly string[];
  /** Streams that it reads without changing anything: their state, their consumers, their messages. */
  observes: readonly string[];
  /** First token of its reply subjects. Default `_INBOX`. */
  inboxPrefix: string;
}

/** How a program works a consumer, as far as it is declared. Milliseconds. */
export interface Work {
  stream: string;
  consumer: string;
  /** Longest that the handler takes for one message. */
  handlerTime?: number;
  /** Messages fetched at once. */
  prefetch?: number;
  /** How long one pull request waits. */
  expires?: number;
  idleHeartbeat?: number;
  /** It says `working()` while it handles, so that ack_wait does not run out. */
  extendsAckWait?: boolean;
  /** A message that is delivered twice changes nothing the second time. */
  idempotent?: boolean;
}

export interface Postgres {
  /** Major version, e.g. `18`. */
  version: string;
  image: string;
  database: string;
  /** Folder of `*.sql` files applied in name order, once each, before the services start. */
  sql?: string;
}

export interface Stream {
  name: string;
  account: string;
  /** Name pattern of the family it is a member of. */
  family?: string;
  subjects: readonly string[];
  storage: 'file' | 'memory';
  retention: 'limits' | 'interest' | 'workqueue';
  discard: 'old' | 'new';
  maxBytes: number;
  /** 0 = for ever. */
  maxAge: number;
  /** -1 = no limit. */
  maxMsgs: number;
  /** -1 = no limit. */
  maxMsgSize: number;
  duplicateWindow: number;
  replicas: number;
  /** Server tags that every server with a copy must have, e.g. `az:1`. */
  placement: readonly string[];
}

/** One stream for each channel, tenant, …: `chat_{channel}_moderation`. */
export interface StreamFamily {
  /** With the placeholder in braces, as in `pattern.name`. */
  name: string;
  /** `channel` */
  placeholder: string;
  /** Members that devenv creates; each is in `Topology.streams` too. */
  members: readonly string[];
  /** How many there may be in the end, made by devenv or by a service; at least `members.length`. Counts in the budget. */
  atMost: number;
  /** The placeholder stands in its name and in its subjects. */
  pattern: Stream;
}

export interface Consumer {
  stream: string;
  /** That of its stream. */
  account: string;
  /** Durable name. All declared consumers are pull consumers with explicit acks. */
  name: string;
  /** Empty = every subject of the stream. */
  filterSubjects: readonly string[];
  ackWait: number;
  /** -1 = no limit. */
  maxDeliver: number;
  /** Delay before each redelivery; the last one repeats. Empty = ackWait. */
  backoff: readonly number[];
  maxAckPending: number;
  deliverPolicy: 'all' | 'new' | 'last';
  /** The server deletes it after so long without a client; 0 = never. */
  inactiveThreshold: number;
}

export type ServiceSource =
  /** The pipeline that devenv ships. */
  | { kind: 'builtin'; program: 'api' | 'worker' }
  /** An image; docker runtime only. */
  | { kind: 'image'; image: string; command?: readonly string[] }
  /** A Dockerfile; docker runtime only. */
  | { kind: 'build'; context: string; dockerfile?: string; command?: readonly string[] }
  /** A command; on the docker runtime it runs in the node image with `cwd` mounted read-only. */
  | { kind: 'command'; command: readonly string[]; cwd: string };

export type Health =
  | { kind: 'http'; path: string }
  | { kind: 'tcp' }
  /** Nothing to ask: running for a moment without exiting is all that can be seen. */
  | { kind: 'none' };

export interface Service extends Role {
  name: string;
  account: string;
  /** Whom it logs in as: a declared user, or one of its own that is called as it is. */
  user: string;
  source: ServiceSource;
  /** Added to what devenv gives every service (see render/environment.ts). */
  environment: Readonly<Record<string, string>>;
  /** The HTTP port: `container` inside the container, `preferred` on the host. The service reads it from PORT. */
  port?: { container: number; preferred: number };
  health: Health;
  /** How often its client tries to reconnect; -1 = for ever; absent = not declared. */
  maxReconnects?: number;
  /** What its own code creates at start, as far as it is declared: compared with the rest, never applied by devenv. */
  creates: { streams: readonly CreatedStream[]; consumers: readonly CreatedConsumer[] };
}

/** Fields that the service's code sets; the others are not known. */
export type CreatedStream = Pick<Stream, 'name'> & Partial<Stream>;
export type CreatedConsumer = Pick<Consumer, 'stream' | 'name'> & Partial<Consumer>;

/** Port names are those of `natsServers` (`servers.ts`), `postgres`, and the name of each service that has a port. */
export interface PortRequest {
  name: string;
  preferred: number;
}
