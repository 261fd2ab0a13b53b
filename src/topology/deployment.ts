import type { RuntimeKind, Topology } from './model.ts';
import { natsServers } from './servers.ts';

/** One named running stack. `id` is unique on this machine, `name` within its project. */
export interface Environment {
  name: string;
  projectDir: string;
  /** `<projectDir>/.devenv/<name>` */
  stateDir: string;
  /** `devenv-<name>-<8 hex of a hash of projectDir>`: Compose project name, label value, lease owner. */
  id: string;
}

/** Port name → host port. */
export type PortAllocation = Readonly<Record<string, number>>;

/** Generated once per environment, kept in files of mode 0600, never in argv and never in an event. */
export interface Secrets {
  /** User name → how it logs in; one for each of `natsUsers` (`users.ts`). */
  nats: Readonly<Record<string, NatsCredential>>;
  /** What the servers of a cluster show each other. */
  routes: { user: string; password: string };
  postgres: { user: string; password: string };
  /** Present when `nats.tls` is. */
  tls?: TlsMaterial;
}

export type NatsCredential =
  | { kind: 'password'; password: string }
  /** The server's file holds the hash only. */
  | { kind: 'bcrypt'; password: string; hash: string }
  | { kind: 'nkey'; seed: string; publicKey: string };

/** PEM texts. The authority is of this environment alone. */
export interface TlsMaterial {
  ca: string;
  caKey: string;
  /** One certificate for all servers: localhost, 127.0.0.1, ::1 and their names in the container network. */
  server: { cert: string; key: string };
  client: { cert: string; key: string };
}

/** How a program reaches the NATS servers as one user. Holds secrets. */
export interface NatsAccess {
  /** `host:port`, at least one. */
  servers: readonly string[];
  /** The user's name, for messages and for password log-ins. */
  user: string;
  credential: NatsCredential;
  /** PEM texts: the authority to trust, and the client's own certificate when the servers ask for one. */
  tls?: { ca: string; cert?: string; key?: string };
}

/** Everything a runtime needs to run an environment: declared truth + what was decided for this machine. */
export interface Deployment {
  environment: Environment;
  runtime: RuntimeKind;
  topology: Topology;
  ports: PortAllocation;
  secrets: Secrets;
}

/** The two services that every environment has beside `topology.services`. */
export const NATS_SERVICE = 'nats';
export const POSTGRES_SERVICE = 'postgres';

export const NATS_PORT = 'nats';
export const NATS_MONITOR_PORT = 'nats-monitor';
export const POSTGRES_PORT = 'postgres';

/** Every service of a topology, in the order in which they are started and listed. */
export const serviceNames = (topology: Topology): string[] => [
  ...natsServers(topology).map(({ service }) => service),
  POSTGRES_SERVICE,
  ...topology.services.map((service) => service.name),
];
