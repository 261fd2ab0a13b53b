import type { Deployment, Environment } from '../topology/deployment.ts';
import type { LiveConsumer, LiveStream } from '../topology/live.ts';
import type { Topology } from '../topology/model.ts';
import type { Place } from './finding.ts';
import type { ConfDocument } from './nats-conf/document.ts';

/** All that static rules know. Plain data and pure functions; gathered by world/, so that rules read no file. */
export interface StaticFacts {
  /** The devenv.yaml, or its defaults; null with `doctor --conf` alone. */
  project: DeclaredProject | null;
  /** nats.conf files, each with what it includes; one for each server. */
  confs: readonly ConfDocument[];
  /** Compose files. */
  composes: readonly YamlText[];
  /** Kubernetes manifests, Helm values, dashboards, stream configurations: YAML and JSON alike, one for each document. */
  manifests: readonly YamlText[];
  /** Version of the server that will read all this: `--nats-version`, the image in a Compose file, `nats.version`. */
  natsVersion: string;
  /** What `$NAME` in a nats.conf is replaced by. */
  env: Readonly<Record<string, string | undefined>>;
  /** Files that configurations name, as far as they can be on this machine; absent when nobody looked. */
  files?: {
    /** Epoch milliseconds of the look. */
    at: number;
    /** By path, as `namedPaths` tells it. */
    found: ReadonlyMap<string, NamedFile>;
  };
}

/** What is behind a path. `reason` completes a sentence that begins with the path. */
export type NamedFile =
  | { kind: 'text'; text: string }
  /** `hasFolder`: the folder that it would be in is there. */
  | { kind: 'missing'; hasFolder: boolean }
  | { kind: 'folder'; reason: string }
  | { kind: 'unreadable'; reason: string };

export interface DeclaredProject {
  topology: Topology;
  /** Place in devenv.yaml of a path written as there: `['streams', 0, 'max_bytes']`; the nearest enclosing part that is there. */
  place(path: readonly (string | number)[], on?: 'key' | 'value'): Place;
  /** The scalar behind a path, for edits; null when it does not stand in the file (a default, or an override). */
  scalar(path: readonly (string | number)[]): TextSpan | null;
  /** The value as it was written in the file, before defaults and units: undefined when it is not there. */
  written(path: readonly (string | number)[]): unknown;
}

/** A piece of a file, by offsets in UTF-16 units. */
export interface TextSpan {
  file: string;
  start: number;
  end: number;
  text: string;
}

/** A YAML (or JSON) document that belongs to somebody else, as plain data with places. */
export interface YamlText {
  file: string;
  value: unknown;
  /** What is wrong with the text itself; then `value` is undefined. */
  errors: readonly { place: Place; message: string }[];
  place(path: readonly (string | number)[], on?: 'key' | 'value'): Place;
  scalar(path: readonly (string | number)[]): TextSpan | null;
}

/** Something that was asked of a running system: the answer, or why there is none. */
export type Reading<T> = { ok: true; value: T } | { ok: false; reason: string };

/** All that live rules know: one look at a running environment. Shapes of other programs are converted at the border. */
export interface LiveFacts {
  deployment: Deployment;
  /** Epoch milliseconds of the look. */
  at: number;
  servers: readonly LiveServer[];
  /** One for each account with JetStream. */
  accounts: readonly LiveAccount[];
  users: readonly LiveUser[];
  /** Recent lines of every service and server, oldest first. */
  log: readonly { service: string; at: string; text: string }[];
  services: readonly LiveService[];
  /** The nats.conf of each server; absent where nobody looked. */
  confs?: Reading<readonly LiveConf[]>;
}

export interface LiveConf {
  /** `nats`, `nats-2` */
  server: string;
  path: string;
  /** Settings in which the file is not as declared; null when there is no file. */
  differs: readonly string[] | null;
}

export interface LiveServer {
  /** `nats`, `nats-2` */
  name: string;
  varz: Reading<Varz>;
  jsz: Reading<Jsz>;
  connections: Reading<readonly Connection[]>;
  healthz: Reading<{ status: number; text: string }>;
  /** Addresses that it tells clients to connect to (`INFO.connect_urls`). */
  advertised: Reading<readonly Advertised[]>;
  /** Accounts that it knows. */
  accounts: Reading<readonly string[]>;
  /** Folders of its store that hold streams, as `<account>/<stream>`; the process runtime can look, Docker is asked. */
  stored: Reading<readonly string[]>;
  /** Bytes of the disk that its store is on. */
  disk: Reading<{ free: number; total: number }>;
}

export interface Advertised {
  /** `172.20.0.3:4222` */
  address: string;
  /** Whether this machine gets a connection to it. */
  reachable: boolean;
}

export interface Varz {
  version: string;
  serverName: string;
  start: string;
  slowConsumers: number;
  maxPayload: number;
  connections: number;
}

/** Bytes. */
export interface Jsz {
  enabled: boolean;
  storage: number;
  reservedStorage: number;
  maxStorage: number;
  memory: number;
  reservedMemory: number;
  maxMemory: number;
  /**
   * null when the server is alone. Only what this server believes: for some ten seconds after it lost the others it still
   * counts them in. `peersOnline` counts the server itself and is null on servers that are not told of the others.
   */
  cluster: { leader: string | null; size: number; peersOnline: number | null } | null;
}

/** One client, also of the recent past. */
export interface Connection {
  cid: number;
  name: string;
  user: string;
  account: string;
  open: boolean;
  /** Why it was closed. */
  reason?: string;
  pendingBytes: number;
}

export interface LiveAccount {
  account: string;
  streams: Reading<readonly LiveStream[]>;
  consumers: Reading<readonly LiveConsumer[]>;
}

/** Did a log-in as this user work? */
export interface LiveUser {
  user: string;
  login: Reading<true>;
}

export interface LiveService {
  service: string;
  state: string;
  restarts: number;
  pid?: number;
  container?: string;
  startedAt?: string;
  health: { ready: boolean; detail: string };
  /** For each of its ports: who really holds it. */
  ports: readonly { name: string; port: number; holder: Reading<PortHolder | null> }[];
}

/** Who listens on a port of this machine. */
export interface PortHolder {
  /** The very service that the port belongs to, as it runs now. */
  own: boolean;
  /** Words that follow "is held by": `pid 4711 (node server.js) in /srv/shop`, `container shop-db`. */
  text: string;
  pid?: number;
  /** Present when it is an earlier run of the same service: by what it was recognised. */
  stale?: string;
}

/** What is in the way of an environment before it is started: one look at this machine. */
export interface MachineFacts {
  environment: Environment;
  topology: Topology;
  ports: readonly WantedPort[];
  /** Folders of the stores that are left of an earlier run, as in `LiveServer.stored`; those in volumes cannot be seen. */
  stores: readonly { service: string; stored: Reading<readonly string[]> }[];
  /** null when no Docker engine is going to run the environment. */
  networks: Reading<DockerNetworks> | null;
}

export interface WantedPort {
  /** A port name of the topology. */
  name: string;
  /** `nats-2`, `api` */
  service: string;
  port: number;
  /** null = it is free. */
  holder: Reading<PortHolder | null>;
}

/** Who listens on the ports of this machine that Compose files publish: one look. */
export interface PublishedFacts {
  ports: readonly HeldPort[];
}

/** A port that a service of somebody's Compose file publishes. */
export interface HeldPort {
  service: string;
  port: number;
  /** Whether a nats-server is to be monitored there. */
  isMonitor: boolean;
  place: Place;
  /** null = it is free; `own` = a container of the same Compose project has it. */
  holder: Reading<PortHolder | null>;
}

/** Each Compose project takes a network of its own out of a small number of address pools. */
export interface DockerNetworks {
  /** Address pools that the engine gives out by itself, and how many of them no network or address of it is in. */
  pools: { total: number; free: number };
  /** Networks that no container is connected to. */
  unused: readonly { name: string; environment?: string; projectDir?: string }[];
}
