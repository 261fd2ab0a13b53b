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
  streams: readonly Stream[];
  consumers: readonly Consumer[];
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
}

export interface Consumer {
  stream: string;
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
}

export type FieldType =
  | 'text'
  | 'integer'
  | 'bigint'
  | 'numeric'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'uuid'
  | 'json';

export interface Field {
  /** Key in the JSON body and column in the table, snake_case. */
  name: string;
  type: FieldType;
  required: boolean;
}

export interface Entity {
  /** As it stands in `entity_type`, e.g. `Order`. */
  name: string;
  table: string;
  /** Unique columns. */
  key: readonly string[];
  fields: readonly Field[];
  derived: readonly DerivedEntity[];
}

/** Rows made from an array inside the root body: `Order.line_items[] → order_line_items`. */
export interface DerivedEntity {
  /** The array's key in the root body. */
  from: string;
  table: string;
  /** Unique columns: the parent's key columns (copied into every row) plus columns of the item. */
  key: readonly string[];
  fields: readonly Field[];
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

export interface Service {
  name: string;
  source: ServiceSource;
  /** Added to what devenv gives every service (see render/environment.ts). */
  environment: Readonly<Record<string, string>>;
  /** The HTTP port: `container` inside the container, `preferred` on the host. The service reads it from PORT. */
  port?: { container: number; preferred: number };
  health: Health;
  publishes: readonly string[];
  subscribes: readonly string[];
}

/** Port names are `nats`, `nats-monitor`, `postgres`, and the name of each service that has a port. */
export interface PortRequest {
  name: string;
  preferred: number;
}
