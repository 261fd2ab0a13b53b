import type { LiveFacts } from '../doctor/facts.ts';
import type { Emit, PlannedStep } from '../events.ts';
import type { Probe, ProbeReport } from '../probes/probe.ts';
import type { LogLine, LogQuery, ServiceState } from '../runtime/runtime.ts';
import type { Trial } from '../topology/auth-trials.ts';
import type { Environment } from '../topology/deployment.ts';
import type { RuntimeKind, Topology, UserAuth } from '../topology/model.ts';
import type { Permissions } from '../topology/permissions.ts';
import type { TopologyChange } from '../topology/topology-change.ts';

/** The verbs of devenv, as the CLI and the library see them. One implementation, wired in composition.ts. */
export interface Engine {
  readonly environment: Environment;
  readonly topology: Topology;
  /** The probes there are, in the order in which they run; for `probe --list`, suggestions and completion. */
  readonly probes: readonly ProbeSummary[];
  up(options: UpOptions, call: Call): Promise<UpResult>;
  down(options: { volumes: boolean }, call: Call): Promise<DownResult>;
  status(call: Call): Promise<StatusReport>;
  /** The variables that reach a running environment; throws ENVIRONMENT_NOT_RUNNING. */
  variables(call: Call): Promise<Readonly<Record<string, string>>>;
  logs(query: LogQuery, call: Call): AsyncIterable<LogLine>;
  /** No names = the default probes. `status: 'failed'` is a result here, not an exception. */
  probe(names: readonly string[], call: Call): Promise<readonly ProbeReport[]>;
  /** No names = every service. Waits until they are ready again. */
  restart(
    services: readonly string[],
    options: { timeoutMs: number },
    call: Call,
  ): Promise<readonly ServiceRow[]>;
  /** One look at everything that runs, for the doctor; null when nothing does. Holds secrets. */
  look(call: Call): Promise<LiveFacts | null>;
  /** Who may log in to NATS, and what they may do. */
  auth: AuthVerbs;
  /** What the servers hold against what is declared. */
  drift: DriftVerbs;
  /** Writes compose.yaml, nats.conf, .env and what they need into `directory`; returns the paths written. */
  generate(directory: string, options: { force: boolean }, call: Call): Promise<readonly string[]>;
}

export interface DriftVerbs {
  /** Changes nothing; throws ENVIRONMENT_NOT_RUNNING. */
  compare(call: Call): Promise<TopologyDiff>;
  /**
   * Creates what is missing and changes what differs. Throws TOPOLOGY_CONFLICT before it touches anything when that
   * would lose messages or positions and `allowDataLoss` is not set; FINDINGS when static rules find errors.
   */
  mend(options: { allowDataLoss: boolean }, call: Call): Promise<TopologyMended>;
}

export interface TopologyDiff {
  environment: string;
  /** Nothing to create, to change or to make anew. */
  same: boolean;
  /** One for each account with JetStream. */
  accounts: readonly { account: string; changes: readonly TopologyChange[] }[];
}

export interface TopologyMended {
  environment: string;
  /** In the order in which it was done; empty when all was as declared. */
  done: readonly {
    account: string;
    /** `stream MESSAGES`, `consumer MESSAGES/workers` */
    object: string;
    action: 'created' | 'updated' | 'recreated';
    /** `max_age 1d → 7d`, one for each field. */
    details: readonly string[];
  }[];
  ms: number;
}

export interface AuthVerbs {
  /** As declared; asks nobody. */
  users(): readonly AuthUser[];
  /**
   * What one user needs to reach the running servers from this machine; throws ENVIRONMENT_NOT_RUNNING, and NOT_READY
   * for a user that was declared since the last `up`.
   */
  variables(user: string, call: Call): Promise<Readonly<Record<string, string>>>;
  /** No names = everybody. Servers read the new credentials while they run, or are restarted; services are restarted. The old ones end. */
  rotate(users: readonly string[], options: { timeoutMs: number }, call: Call): Promise<RotateResult>;
  /** No names = everybody. Differences are a result here, not an exception. */
  test(users: readonly string[], call: Call): Promise<AuthReport>;
}

/** No secrets. */
export interface AuthUser {
  name: string;
  account: string;
  auth: UserAuth;
  kind: 'admin' | 'monitor' | 'service' | 'declared';
  services: readonly string[];
  /** null = everything within its account. */
  permissions: Permissions | null;
}

/** A nats-server that was given another configuration, and how: it read it while it ran, or it was restarted. */
export interface Followed {
  service: string;
  how: 'reloaded' | 'restarted';
  ms: number;
}

export interface RotateResult {
  users: readonly string[];
  servers: readonly Followed[];
  services: readonly ServiceRow[];
  ms: number;
}

export interface AuthReport {
  users: readonly { user: string; account: string; trials: readonly AuthTrial[] }[];
  /** How many were tried, and how many came out otherwise than declared. */
  trials: number;
  differences: number;
  ms: number;
}

export interface AuthTrial {
  deed: Trial['deed'] | 'log in' | 'reach';
  subject: string;
  expected: 'allowed' | 'denied';
  seen: 'allowed' | 'denied' | 'unknown' | 'skipped';
  /** Where that is declared. */
  why: string;
  /** What the server said. */
  detail: string;
}

export type ProbeSummary = Pick<Probe, 'name' | 'summary' | 'isDefault'>;

/** What every call carries: where events go and what ends it. */
export interface Call {
  emit: Emit;
  signal: AbortSignal;
}

export interface UpOptions {
  runtime: 'auto' | RuntimeKind;
  dryRun: boolean;
  probe: boolean;
  strictPorts: boolean;
  /** Leave what was started running when a first `up` fails, for a look. */
  keep: boolean;
  /** For each service to become ready, in milliseconds. */
  timeoutMs: number;
}

export interface UpResult {
  environment: string;
  runtime: RuntimeKind;
  /** Nothing of the environment ran before. */
  isNew: boolean;
  /** Empty when there was nothing to do. */
  steps: readonly PlannedStep[];
  dryRun: boolean;
  services: readonly ServiceRow[];
  /** The nats-servers that were given another configuration while they ran. */
  configured: readonly Followed[];
  /** Empty with `--no-probe`, with `--dry-run` and when nothing was done. */
  probes: readonly ProbeReport[];
  ms: number;
}

export interface ServiceRow {
  service: string;
  state: ServiceState | 'absent';
  health: HealthReport;
  /** Where a person or a program reaches it from this machine, without credentials. */
  url?: string;
  ports: Readonly<Record<string, number>>;
  pid?: number;
  container?: string;
  startedAt?: string;
  uptimeMs?: number;
  restarts: number;
}

export interface HealthReport {
  status: 'ready' | 'not-ready' | 'unknown';
  /** What was asked and what was answered: `GET /readyz → 503 postgres: connection refused`. */
  detail: string;
}

export interface DownResult {
  environment: string;
  /** One line per thing removed; empty when nothing ran. */
  removed: readonly string[];
  ms: number;
}

export interface StatusReport {
  name: string;
  project: string;
  projectDir: string;
  runtime: RuntimeKind | null;
  running: boolean;
  services: readonly ServiceRow[];
  /** null when the server does not answer. */
  jetstream: {
    memory: UsageReport;
    file: UsageReport;
    streams: readonly StreamRow[];
    consumers: readonly ConsumerRow[];
  } | null;
  lastProbe: {
    at: string;
    status: 'passed' | 'failed';
    probes: readonly { probe: string; status: string; ms: number; brokenHop?: string }[];
  } | null;
}

/** Bytes. */
export interface UsageReport {
  used: number;
  reserved: number;
  limit: number;
}

export interface StreamRow {
  name: string;
  subjects: readonly string[];
  storage: 'file' | 'memory';
  messages: number;
  /** Bytes used and bytes reserved (max_bytes). */
  used: number;
  reserved: number;
  declared: boolean;
}

export interface ConsumerRow {
  stream: string;
  name: string;
  /** num_pending + num_ack_pending */
  lag: number;
  pending: number;
  ackPending: number;
  redelivered: number;
  declared: boolean;
}
