import { resolve } from 'node:path';
import { POSTGRES_PORT } from '../topology/deployment.ts';
import type { Entity } from '../topology/entities.ts';
import type { Nats, PortRequest, Topology } from '../topology/model.ts';
import { natsServers } from '../topology/servers.ts';
import { accountNames, declaredAccounts } from './declared-accounts.ts';
import { toService } from './declared-services.ts';
import { declaredStreams } from './declared-streams.ts';
import type { EntitySettings } from './entity-settings.ts';
import { withoutPlaceholders } from './placeholders.ts';
import type { Settings } from './settings.ts';

/** Settings that passed every check → the model that the rest of devenv reads. Paths become absolute. */
export function toTopology(settings: Settings, project: { name: string; dir: string }): Topology {
  const { postgres, ports } = settings;
  const nats = toNats(settings, project.dir);
  const { streams, families, consumers } = declaredStreams(settings, accountNames(settings)[0]);
  const { accounts, systemAccount } = declaredAccounts(settings, streams);
  const around = { accounts, systemAccount, streams, consumers, ports, projectDir: project.dir };
  const services = Object.entries(settings.services).map(([name, service]) =>
    toService(name, service, around),
  );
  return {
    project: project.name,
    nats,
    postgres: {
      version: postgres.version,
      image: postgres.image ?? `postgres:${postgres.version}-alpine`,
      database: postgres.database,
      ...(postgres.sql !== undefined && { sql: resolve(project.dir, postgres.sql) }),
    },
    nodeImage: settings.node.image,
    accounts,
    systemAccount,
    streams,
    families,
    consumers,
    coreSubjects: withoutPlaceholders(settings.core_subjects, streams),
    entities: settings.entities.map(toEntity),
    services,
    ports: [
      ...natsPorts(nats, ports),
      request(POSTGRES_PORT, ports[POSTGRES_PORT]),
      ...services.flatMap(({ name, port }) => (port ? [request(name, port.preferred)] : [])),
    ],
  };
}

function toNats({ nats }: Settings, projectDir: string): Nats {
  return {
    version: nats.version,
    image: nats.image ?? `nats:${nats.version}-alpine`,
    ...(nats.binary !== undefined && { binary: resolve(projectDir, nats.binary) }),
    maxMemoryStore: nats.max_memory_store,
    maxFileStore: nats.max_file_store,
    maxPayload: nats.limits.max_payload,
    maxPending: nats.limits.max_pending,
    maxConnections: nats.limits.max_connections,
    syncInterval: nats.sync_interval,
    servers: nats.servers,
    tls: toTls(nats.tls),
  };
}

const toTls = (written: Settings['nats']['tls']): Nats['tls'] =>
  written === false ? null : { verifyClients: written === true ? false : written.verify_clients };

/** The port that nats-server's own documentation gives to routes. */
const FIRST_ROUTE_PORT = 6222;

/** The servers of a cluster prefer neighbouring ports: `ports.nats`, the next one, and so on, unless named one by one. */
function natsPorts(nats: Nats, ports: Settings['ports']): PortRequest[] {
  const preferred = (name: string, first: number, index: number) =>
    request(name, Object.hasOwn(ports, name) ? ports[name] : first + index);
  return natsServers({ nats }).flatMap(({ clientPort, monitorPort, routePort }, index) => [
    preferred(clientPort, ports.nats, index),
    preferred(monitorPort, ports['nats-monitor'], index),
    ...(routePort === undefined ? [] : [preferred(routePort, FIRST_ROUTE_PORT, index)]),
  ]);
}

const request = (name: string, preferred: number | undefined): PortRequest => {
  if (preferred === undefined) throw new Error(`the schema has no default for the port "${name}"`);
  return { name, preferred };
};

const toEntity = (entity: EntitySettings): Entity => ({
  name: entity.name,
  table: entity.table,
  key: entity.key,
  fields: toFields(entity.fields),
  derived: entity.derived.map((derived) => ({ ...derived, fields: toFields(derived.fields) })),
});

const toFields = (fields: EntitySettings['fields']) =>
  Object.entries(fields).map(([name, { type, required }]) => ({ name, type, required }));
