import type { LiveFacts } from '../doctor/facts.ts';
import type { Emit } from '../events.ts';
import type { Mark, Marks } from '../probes/marks.ts';
import type { Probe, ProbeContext } from '../probes/probe.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Trial } from '../topology/auth-trials.ts';
import type {
  Deployment,
  Environment,
  NatsAccess,
  NatsCredential,
  PortAllocation,
  Secrets,
} from '../topology/deployment.ts';
import type { Entity } from '../topology/entities.ts';
import type { PortRequest, RuntimeKind, Topology } from '../topology/model.ts';
import type { AuthTrial, TopologyDiff, TopologyMended } from './engine.ts';
import type { State } from './state.ts';

/**
 * Everything outside the engine's head, as interfaces. composition.ts passes the real world; tests pass a made-up one.
 * Whatever takes a signal ends promptly when it aborts.
 */
export interface World {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Unguessable, safe in URLs and in every file format. */
  /**
   * Credentials for everybody of the topology: those known already are kept, what is missing is made, what nobody is
   * declared for any more is dropped. Unguessable, safe in URLs and in every file format.
   */
  secretsFor(topology: Topology, known: KnownSecrets | null): Promise<Secrets>;
  runtime(kind: RuntimeKind): Promise<Runtime>;
  state: StateStore;
  ports: PortDesk;
  lock<T>(
    environment: Environment,
    call: { emit: Emit; signal: AbortSignal },
    body: () => Promise<T>,
  ): Promise<T>;
  servers: ServerChecks;
  topology: TopologyDesk;
  auth: AuthDesk;
  migrations: MigrationDesk;
  probes: readonly Probe[];
  remains: ProbeRemains;
  /** Never throws for what runs badly: that is what it tells. */
  look(deployment: Deployment, runtime: Runtime, signal: AbortSignal): Promise<LiveFacts>;
  /** Writes the files of `devenv generate`; returns their paths. */
  writeStandalone(
    deployment: Deployment,
    directory: string,
    options: { force: boolean },
  ): Promise<readonly string[]>;
}

/** As an earlier devenv, or an earlier declaration, left them. */
export type KnownSecrets = Partial<Secrets>;

export interface StateStore {
  /** null when there is none; throws STATE_FROM_FUTURE or STATE_UNREADABLE. */
  load(environment: Environment): Promise<State | null>;
  save(environment: Environment, state: State): Promise<void>;
  loadSecrets(environment: Environment): Promise<KnownSecrets | null>;
  saveSecrets(environment: Environment, secrets: Secrets): Promise<void>;
  /** For commands that come when the declaration cannot be read any more. */
  saveDeclared(environment: Environment, declared: Declared): Promise<void>;
  /** Removes the environment's whole state folder, and `.devenv` with it when nothing else is in there. */
  remove(environment: Environment): Promise<boolean>;
}

/** What an environment was brought up from. */
export interface Declared {
  /** Absolute; null when there was no devenv.yaml. */
  file: string | null;
  topology: Topology;
}

export interface PortDesk {
  allocate(request: {
    environment: Environment;
    requests: readonly PortRequest[];
    /** What this environment had before: tried first. */
    sticky: PortAllocation;
    /** Ports that this environment's own services hold right now. */
    own: ReadonlySet<number>;
    /** Ports that looked free and were not. */
    avoid: ReadonlySet<number>;
    strict: boolean;
    signal: AbortSignal;
  }): Promise<{ ports: PortAllocation; moved: readonly MovedPort[]; notes: readonly string[] }>;
  release(environment: Environment, signal: AbortSignal): Promise<void>;
}

export interface MovedPort {
  name: string;
  preferred: number;
  port: number;
  /** `pid 4711 (node server.js)`, `container shop-db`, `environment orders of /srv/orders` */
  holder: string;
}

export interface Check {
  ready: boolean;
  /** What was asked and what came back, in a few words. */
  detail: string;
  /** A server that runs, and that its cluster goes on without. */
  outside?: true;
}

export interface CheckOptions {
  signal: AbortSignal;
  /** For this one attempt, in milliseconds. */
  timeoutMs: number;
}

/** Readiness, asked by protocol from outside. None of them throws for a server that is not there. */
export interface ServerChecks {
  nats(access: NatsAccess, options: CheckOptions): Promise<Check>;
  /** One server of a cluster: ready, and a member of it. `monitorUrls` are those of all servers, by server name. */
  member(
    access: NatsAccess,
    membership: { server: string; monitorUrls: Readonly<Record<string, string>> },
    options: CheckOptions,
  ): Promise<Check>;
  /** When a nats-server read its configuration, in its own words; null when it does not say. Another one after a reload. */
  confReadAt(monitorUrl: string, options: CheckOptions): Promise<string | null>;
  postgres(url: string, options: CheckOptions): Promise<Check>;
  http(url: string, options: CheckOptions): Promise<Check>;
  tcp(port: number, options: CheckOptions): Promise<Check>;
}

/** How devenv itself reaches each account that has JetStream. */
export type AccountAccess = Readonly<Record<string, NatsAccess>>;

/** Declared streams and consumers, of all accounts, against the live servers. */
export interface TopologyDesk {
  /** One line per difference that `apply` would mend; throws TOPOLOGY_CONFLICT for what it may not touch. */
  differences(access: AccountAccess, topology: Topology, signal: AbortSignal): Promise<readonly string[]>;
  /** One line per change made. */
  apply(access: AccountAccess, topology: Topology, signal: AbortSignal): Promise<readonly string[]>;
  usage(access: AccountAccess, topology: Topology, signal: AbortSignal): Promise<LiveUsage>;
  /** Every difference, whatever it would cost to mend it. */
  compare(access: AccountAccess, topology: Topology, signal: AbortSignal): Promise<TopologyDiff['accounts']>;
  /** Mends the given differences, also those that lose data, and tells each as soon as the server has done it. */
  mend(
    access: AccountAccess,
    topology: Topology,
    differences: TopologyDiff['accounts'],
    onDone: (done: TopologyMended['done'][number]) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

export type LiveUsage = NonNullable<import('./engine.ts').StatusReport['jetstream']>;

/** Real log-ins, and things tried as somebody. None of them changes anything. */
export interface AuthDesk {
  login(access: NatsAccess, options: CheckOptions): Promise<{ accepted: boolean; detail: string }>;
  /** One outcome for each trial; throws NOT_READY when the user cannot log in. */
  run(
    access: NatsAccess,
    admin: NatsAccess,
    trials: readonly Trial[],
    options: CheckOptions & { inboxPrefix: string },
  ): Promise<readonly Pick<AuthTrial, 'seen' | 'detail'>[]>;
  /** Does what one account's user publishes reach another one's? */
  reach(
    from: NatsAccess,
    to: NatsAccess,
    subject: string,
    options: CheckOptions,
  ): Promise<Pick<AuthTrial, 'seen' | 'detail'>>;
  /** Of the same kind, and not the user's. */
  forged(credential: NatsCredential): Promise<NatsCredential>;
}

/** What probes that were killed left in an environment. */
export interface ProbeRemains {
  marks(environment: Environment): Marks;
  /** Counts of what was removed; throws when something of it may still be there. */
  remove(
    mark: Mark,
    context: Pick<ProbeContext, 'topology' | 'endpoints'>,
    signal: AbortSignal,
  ): Promise<{ messages: number; rows: number }>;
}

/** The user's SQL folder and the tables of the declared entities. */
export interface MigrationDesk {
  /** One line per thing that is not applied yet. */
  pending(databaseUrl: string, plan: MigrationPlan, signal: AbortSignal): Promise<readonly string[]>;
  /** One line per thing applied. */
  apply(databaseUrl: string, plan: MigrationPlan, signal: AbortSignal): Promise<readonly string[]>;
}

export interface MigrationPlan {
  sql?: string;
  entities: readonly Entity[];
}
