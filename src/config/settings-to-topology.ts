import { resolve } from 'node:path';
import { NATS_MONITOR_PORT, NATS_PORT, POSTGRES_PORT } from '../topology/deployment.ts';
import type {
  Entity,
  Health,
  PortRequest,
  Service,
  ServiceSource,
  Stream,
  Topology,
} from '../topology/model.ts';
import type { EntitySettings } from './entity-settings.ts';
import type { ServiceSettings } from './service-settings.ts';
import type { Settings } from './settings.ts';
import { BUILTIN } from './shipped-pipeline.ts';
import type { StreamSettings } from './stream-settings.ts';

/** Settings that passed every check → the model that the rest of devenv reads. Paths become absolute. */
export function toTopology(settings: Settings, project: { name: string; dir: string }): Topology {
  const { nats, postgres } = settings;
  const services = Object.entries(settings.services).map(([name, service]) =>
    toService(name, service, settings.ports, project.dir),
  );
  return {
    project: project.name,
    nats: {
      version: nats.version,
      image: nats.image ?? `nats:${nats.version}-alpine`,
      ...(nats.binary !== undefined && { binary: resolve(project.dir, nats.binary) }),
      maxMemoryStore: nats.max_memory_store,
      maxFileStore: nats.max_file_store,
      maxPayload: nats.limits.max_payload,
      maxPending: nats.limits.max_pending,
      maxConnections: nats.limits.max_connections,
      syncInterval: nats.sync_interval,
    },
    postgres: {
      version: postgres.version,
      image: postgres.image ?? `postgres:${postgres.version}-alpine`,
      database: postgres.database,
      ...(postgres.sql !== undefined && { sql: resolve(project.dir, postgres.sql) }),
    },
    nodeImage: settings.node.image,
    streams: settings.streams.map(toStream),
    consumers: settings.consumers.map((consumer) => ({
      stream: consumer.stream,
      name: consumer.name,
      filterSubjects: consumer.filter_subjects,
      ackWait: consumer.ack_wait,
      maxDeliver: consumer.max_deliver,
      backoff: consumer.backoff,
      maxAckPending: consumer.max_ack_pending,
      deliverPolicy: consumer.deliver_policy,
    })),
    entities: settings.entities.map(toEntity),
    services,
    ports: [
      ...[NATS_PORT, NATS_MONITOR_PORT, POSTGRES_PORT].map((name) => request(name, settings.ports[name])),
      ...services.flatMap(({ name, port }) => (port ? [request(name, port.preferred)] : [])),
    ],
  };
}

const request = (name: string, preferred: number | undefined): PortRequest => {
  if (preferred === undefined) throw new Error(`the schema has no default for the port "${name}"`);
  return { name, preferred };
};

const toStream = (stream: StreamSettings): Stream => ({
  name: stream.name,
  subjects: stream.subjects,
  storage: stream.storage,
  retention: stream.retention,
  discard: stream.discard,
  maxBytes: stream.max_bytes,
  maxAge: stream.max_age,
  maxMsgs: stream.max_msgs,
  maxMsgSize: stream.max_msg_size,
  duplicateWindow: stream.duplicate_window ?? defaultDuplicateWindow(stream.max_age),
  replicas: stream.replicas,
});

/** The server's own default of two minutes, which it refuses when it is longer than max_age. */
function defaultDuplicateWindow(maxAge: number): number {
  const twoMinutes = 120_000;
  return maxAge === 0 ? twoMinutes : Math.min(twoMinutes, maxAge);
}

const toEntity = (entity: EntitySettings): Entity => ({
  name: entity.name,
  table: entity.table,
  key: entity.key,
  fields: toFields(entity.fields),
  derived: entity.derived.map((derived) => ({ ...derived, fields: toFields(derived.fields) })),
});

const toFields = (fields: EntitySettings['fields']) =>
  Object.entries(fields).map(([name, { type, required }]) => ({ name, type, required }));

function toService(
  name: string,
  settings: ServiceSettings,
  ports: Readonly<Record<string, number>>,
  projectDir: string,
): Service {
  const builtin = settings.builtin === undefined ? undefined : BUILTIN[settings.builtin];
  const container = settings.port ?? builtin?.port;
  return {
    name,
    source: toSource(settings, projectDir),
    environment: settings.environment,
    ...(container !== undefined && {
      port: { container, preferred: (Object.hasOwn(ports, name) ? ports[name] : undefined) ?? container },
    }),
    health: toHealth(settings.health ?? builtin?.health ?? (container === undefined ? 'none' : 'tcp')),
    publishes: settings.publishes ?? builtin?.publishes ?? [],
    subscribes: settings.subscribes ?? builtin?.subscribes ?? [],
  };
}

function toSource(
  { builtin, image, build, command, cwd }: ServiceSettings,
  projectDir: string,
): ServiceSource {
  const override = command === undefined ? {} : { command };
  if (builtin !== undefined) return { kind: 'builtin', program: builtin };
  if (image !== undefined) return { kind: 'image', image, ...override };
  if (build !== undefined) {
    const context = resolve(projectDir, build.context);
    const dockerfile = 'dockerfile' in build ? build.dockerfile : undefined;
    return {
      kind: 'build',
      context,
      ...(dockerfile !== undefined && { dockerfile: resolve(context, dockerfile) }),
      ...override,
    };
  }
  if (command !== undefined) return { kind: 'command', command, cwd: resolve(projectDir, cwd ?? '.') };
  throw new Error('a service without a source passed the checks');
}

function toHealth(health: string): Health {
  if (health === 'tcp' || health === 'none') return { kind: health };
  return { kind: 'http', path: health };
}
