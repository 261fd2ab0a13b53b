import type { Topology } from '../../src/topology/model.ts';

const MIB = 1024 ** 2;

/** A small valid topology (two streams, one consumer, api and worker) with the given parts replaced. */
export const someTopology = (parts: Partial<Topology> = {}): Topology => ({
  project: 'shop',
  nodeImage: 'node:22-alpine',
  nats: {
    version: '2.15.1',
    image: 'nats:2.15.1-alpine',
    maxMemoryStore: 64 * MIB,
    maxFileStore: 1024 * MIB,
    maxPayload: MIB,
    maxPending: 64 * MIB,
    maxConnections: 1000,
    syncInterval: 120_000,
  },
  postgres: { version: '18', image: 'postgres:18-alpine', database: 'shop' },
  streams: [stream('MESSAGES', 'messages.ingest.>'), stream('MESSAGESDLQ', 'messages.dlq.>')],
  consumers: [
    {
      stream: 'MESSAGES',
      name: 'workers',
      filterSubjects: [],
      ackWait: 30_000,
      maxDeliver: 5,
      backoff: [],
      maxAckPending: 1000,
      deliverPolicy: 'all',
    },
  ],
  entities: [],
  services: [
    {
      name: 'api',
      source: { kind: 'builtin', program: 'api' },
      environment: {},
      port: { container: 8080, preferred: 8080 },
      health: { kind: 'http', path: '/readyz' },
      publishes: ['messages.ingest.>'],
      subscribes: [],
    },
    {
      name: 'worker',
      source: { kind: 'builtin', program: 'worker' },
      environment: {},
      port: { container: 8081, preferred: 8081 },
      health: { kind: 'http', path: '/readyz' },
      publishes: ['messages.dlq.>'],
      subscribes: ['messages.ingest.>'],
    },
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

export const stream = (name: string, ...subjects: string[]): Topology['streams'][number] => ({
  name,
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
});
