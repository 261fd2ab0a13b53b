import type { Emit } from '../events.ts';
import type { Deployment, Environment } from '../topology/deployment.ts';
import type { RuntimeKind } from '../topology/model.ts';

/**
 * Where services run. Both implementations show the same observable behaviour; the engine knows only this interface.
 * Every method is idempotent and takes an AbortSignal that ends it promptly with the signal's reason.
 */
export interface Runtime {
  readonly kind: RuntimeKind;

  /**
   * Can this runtime work here? Cheap (≤ 100 ms), asked at every `up`. Throws a DevenvError with exit 3 that says why
   * not and what to do; returns what was found, for `up` to print (`Docker 20.10.24, Compose 2.40.3`).
   */
  check(signal: AbortSignal): Promise<{ summary: string }>;

  /** service → hash of everything whose change needs that service to be recreated. Pure. */
  definitionHashes(deployment: Deployment): Readonly<Record<string, string>>;

  /** What exists of this environment now, whatever any state file says. Services that do not exist are left out. */
  observe(environment: Environment, signal: AbortSignal): Promise<readonly ObservedService[]>;

  /** What is missing before `start` can work: binaries or images. Empty when all is there. No side effects. */
  missing(deployment: Deployment, signal: AbortSignal): Promise<readonly MissingPart[]>;

  /** Gets the missing parts (downloads, pulls, builds), with step-progress events under `stepId`. */
  prepare(deployment: Deployment, parts: readonly MissingPart[], context: StepContext): Promise<void>;

  /**
   * Writes the rendered files and (re)creates and starts the named services, all at once, replacing what exists of
   * them. Returns when they have been started, not when they are ready. Ports may turn out to be taken after all:
   * then it throws PORT_TAKEN with `details: [port name]`, having left nothing of the named services running.
   */
  start(deployment: Deployment, services: readonly string[], context: StepContext): Promise<void>;

  /** Of each declared nats-server: its configuration as the deployment says, and its file as it lies there now. */
  configurations(deployment: Deployment, signal: AbortSignal): Promise<readonly ServerConfiguration[]>;

  /**
   * Writes the configurations of the named nats-servers where they read them, and tells the servers to read them again
   * while they run. Returns when they have been told: whether they followed is seen from outside.
   */
  reload(deployment: Deployment, services: readonly string[], context: StepContext): Promise<void>;

  /** Yields each time a service stops by itself from now on, until the signal aborts. */
  exits(environment: Environment, signal: AbortSignal): AsyncIterable<ServiceExit>;

  /** Ends the process of a service at once (SIGKILL) and lets the supervisor or the engine bring it back. */
  kill(environment: Environment, service: string, signal: AbortSignal): Promise<void>;

  /** Stops and starts a service again without recreating it. */
  restart(environment: Environment, services: readonly string[], context: StepContext): Promise<void>;

  /**
   * Stops and removes everything of the environment; with `volumes` its data too. Works from what exists, not from
   * the state file, so that it also clears what a killed `up` left. Returns what was removed, one line each.
   */
  remove(
    environment: Environment,
    options: { volumes: boolean },
    context: StepContext,
  ): Promise<readonly string[]>;

  /** Lines of all named services in time order; with `follow` until the signal aborts. */
  logs(environment: Environment, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
}

export interface ServerConfiguration {
  service: string;
  path: string;
  /** Both hold secrets. */
  wanted: string;
  /** Absent when there is no such file. */
  found?: { text: string; stamp: FileStamp };
  /** It sees the file that lay there when it was started, and none that was put in its place: it is mounted into a container. */
  pinned: boolean;
}

/** Another one as soon as somebody has written the file, or put another one in its place. */
export interface FileStamp {
  inode: number;
  /** Epoch milliseconds. */
  changedAt: number;
}

export interface StepContext {
  stepId: string;
  emit: Emit;
  signal: AbortSignal;
}

export interface MissingPart {
  /** `image nats:2.15.1-alpine`, `nats-server 2.15.1` */
  name: string;
  kind: 'image' | 'build' | 'binary';
  /** Why it has to be got: `no image of that name on this engine`. */
  cause: string;
}

export type ServiceState = 'starting' | 'running' | 'backoff' | 'exited';

export interface ObservedService {
  service: string;
  state: ServiceState;
  /** Process id on the process runtime. */
  pid?: number;
  /** Short container id on the docker runtime. */
  container?: string;
  /** ISO 8601, of the current run. */
  startedAt?: string;
  /** Times it was started again after it had stopped by itself. */
  restarts: number;
  /** definitionHashes value it was created with; absent when unknown. */
  hash?: string;
  /** Why it has to be started again although it runs. */
  unusable?: string;
  lastExit?: { code: number | null; signal: string | null; at: string };
  /** port name → host port actually bound; absent when unknown. */
  ports?: Readonly<Record<string, number>>;
}

export interface ServiceExit {
  service: string;
  code: number | null;
  signal: string | null;
  /** Whether the runtime will start it again by itself. */
  willRestart: boolean;
}

export interface LogQuery {
  /** Empty = all. */
  services: readonly string[];
  follow: boolean;
  /** Only lines at or after this instant. */
  since?: Date;
  /** At most this many lines per service from the end, before following. */
  tail?: number;
}

export interface LogLine {
  service: string;
  /** ISO 8601 with milliseconds. */
  at: string;
  text: string;
  /** Said about the service by what runs it, not by the service itself. */
  remark?: true;
}
