import type { NatsAccess, NatsCredential, Secrets } from '../../src/topology/deployment.ts';
import type { Account, Consumer, Nats, Role, Service, Stream, Topology } from '../../src/topology/model.ts';
import { natsUsers } from '../../src/topology/users.ts';

const MIB = 1024 ** 2;

/** Nothing allowed. */
export const NO_ROLE: Role = {
  publishes: [],
  subscribes: [],
  works: [],
  requests: [],
  serves: [],
  observes: [],
  inboxPrefix: '_INBOX',
};

const UNLIMITED = { maxMemory: -1, maxFile: -1, maxStreams: -1, maxConsumers: -1 };

export const someAccount = (name: string, parts: Partial<Account> = {}): Account => ({
  name,
  jetstream: UNLIMITED,
  users: [],
  ...parts,
});

export const someService = (name: string, parts: Partial<Service> = {}): Service => ({
  ...NO_ROLE,
  name,
  account: '$G',
  user: name,
  source: { kind: 'command', command: ['true'], cwd: '/' },
  environment: {},
  health: { kind: 'none' },
  creates: { streams: [], consumers: [] },
  ...parts,
});

export const someNats: Nats = {
  version: '2.15.1',
  image: 'nats:2.15.1-alpine',
  maxMemoryStore: 64 * MIB,
  maxFileStore: 1024 * MIB,
  maxPayload: MIB,
  maxPending: 64 * MIB,
  maxConnections: 1000,
  syncInterval: 120_000,
  servers: 1,
  tls: null,
};

/** A small valid topology (two streams, one consumer, api and worker) with the given parts replaced. */
export const someTopology = (parts: Partial<Topology> = {}): Topology => ({
  project: 'shop',
  nodeImage: 'node:22-alpine',
  nats: someNats,
  postgres: { version: '18', image: 'postgres:18-alpine', database: 'shop' },
  accounts: [someAccount('$G')],
  systemAccount: { name: 'SYS', jetstream: null, users: [] },
  streams: [stream('MESSAGES', 'messages.ingest.>'), stream('MESSAGESDLQ', 'messages.dlq.>')],
  families: [],
  consumers: [consumer('MESSAGES', 'workers')],
  coreSubjects: [],
  entities: [],
  services: [
    someService('api', {
      source: { kind: 'builtin', program: 'api' },
      port: { container: 8080, preferred: 8080 },
      health: { kind: 'http', path: '/readyz' },
      publishes: ['messages.ingest.>'],
      observes: ['MESSAGES'],
    }),
    someService('worker', {
      source: { kind: 'builtin', program: 'worker' },
      port: { container: 8081, preferred: 8081 },
      health: { kind: 'http', path: '/readyz' },
      publishes: ['messages.dlq.>'],
      works: [{ stream: 'MESSAGES', consumer: 'workers' }],
    }),
  ],
  ports: [
    { name: 'nats', preferred: 4222 },
    { name: 'nats-monitor', preferred: 8222 },
    { name: 'postgres', preferred: 5432 },
    { name: 'api', preferred: 8080 },
    { name: 'worker', preferred: 8081 },
  ],
  ...parts,
});

export const stream = (name: string, ...subjects: string[]): Stream => ({
  name,
  account: '$G',
  subjects,
  storage: 'file',
  retention: 'limits',
  discard: 'old',
  maxBytes: 256 * MIB,
  maxAge: 0,
  maxMsgs: -1,
  maxMsgSize: -1,
  duplicateWindow: 120_000,
  replicas: 1,
  placement: [],
});

export const consumer = (streamName: string, name: string, parts: Partial<Consumer> = {}): Consumer => ({
  stream: streamName,
  account: '$G',
  name,
  filterSubjects: [],
  ackWait: 30_000,
  maxDeliver: 5,
  backoff: [],
  maxAckPending: 1000,
  deliverPolicy: 'all',
  inactiveThreshold: 0,
  ...parts,
});

/** A password for each user of a topology, `nats` unless said; no TLS. */
export const someSecrets = (topology: Topology, password = 'nats', postgres = 'postgres'): Secrets => ({
  nats: Object.fromEntries(
    natsUsers(topology).map(({ name }): [string, NatsCredential] => [name, { kind: 'password', password }]),
  ),
  routes: { user: 'route', password },
  postgres: { user: 'devenv', password: postgres },
});

/** An access that no test may use. */
export const NOWHERE: NatsAccess = {
  servers: ['127.0.0.1:1'],
  user: 'nobody',
  credential: { kind: 'password', password: 'none' },
};
