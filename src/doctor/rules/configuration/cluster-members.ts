import { type NatsService, natsServices } from '../../compose/nats-services.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { type Placed, placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';

/** One server as it will be started: what its nats.conf says, overridden by the flags of a service. */
export interface Member {
  /** For messages: `nats-1`, or the name of the file. */
  label: string;
  /** Host names by which others may reach it. */
  hosts: readonly string[];
  conf?: ServerConf;
  jetstream: boolean;
  /** It listens for routes. */
  clustered: boolean;
  clusterPort?: number;
  serverName?: Named;
  clusterName?: Named;
  routes: readonly Route[];
  /** Of the cluster block, or of what stands for it. */
  place: Place;
}

export interface Named {
  value: string;
  place: Place;
}

export interface Route {
  host: string;
  port: number;
}

/** Every server that the files tell of: services of Compose files, and configurations that none of them reads. */
export function members(facts: StaticFacts): readonly Member[] {
  const services = natsServices(facts);
  const read = new Set(services.map(({ conf }) => conf));
  return [
    ...services.map(ofService),
    ...facts.confs
      .map(serverConf)
      .filter((conf) => !read.has(conf))
      .map((conf) => ofConf(conf, { label: conf.document.file, hosts: [] })),
  ];
}

function ofConf(conf: ServerConf, { label, hosts }: Pick<Member, 'label' | 'hosts'>): Member {
  const { cluster, serverName, gateway } = conf;
  const clusterName = cluster?.name ?? gateway?.name;
  const port = cluster?.port?.value ?? 0;
  const named = (name: Placed<string>): Named => ({ value: name.value, place: placeOf(name.span) });
  return {
    label,
    hosts: [...hosts, ...(serverName === undefined ? [] : [serverName.value])],
    conf,
    jetstream: conf.jetstream.enabled,
    clustered: port !== 0,
    clusterPort: port,
    // From a variable: another one in every environment.
    ...(serverName === undefined || isVariable(serverName) ? {} : { serverName: named(serverName) }),
    ...(clusterName === undefined ? {} : { clusterName: named(clusterName) }),
    routes: (cluster?.routes ?? []).flatMap(({ value }) => routeOf(value)),
    place: placeOf(cluster?.span ?? conf.jetstream.span ?? { ...start, file: conf.document.file }),
  };
}

const start = { line: 1, column: 1, start: 0, end: 0 };

export const isVariable = ({ raw }: Placed<unknown>): boolean => raw.startsWith('$');

function ofService({ service, conf, arguments: { flags }, jetstream }: NatsService): Member {
  const { yaml, name, containerName, commandPath } = service;
  const hosts = [name, ...(containerName === undefined ? [] : [containerName])];
  const base: Member =
    conf === undefined
      ? { label: name, hosts, jetstream, clustered: false, routes: [], place: yaml.place(commandPath) }
      : { ...ofConf(conf, { label: name, hosts }), jetstream };
  const flag = (wanted: string): Named | undefined => {
    const found = flags.findLast((one) => one.name === wanted);
    return found && { value: found.value, place: yaml.place(found.path) };
  };
  const [serverName, clusterName, listens] = [flag('name'), flag('cluster_name'), flag('cluster')];
  const routes = flag('routes')?.value.split(',').flatMap(routeOf);
  const port = listens === undefined ? base.clusterPort : routeOf(listens.value)[0]?.port;
  return {
    ...base,
    ...(serverName === undefined ? {} : { serverName }),
    ...(clusterName === undefined ? {} : { clusterName }),
    ...(routes === undefined ? {} : { routes }),
    ...(port === undefined ? {} : { clusterPort: port }),
    clustered: base.clustered || listens !== undefined,
    ...(listens === undefined ? {} : { place: listens.place }),
  };
}

/** `nats-route://user:password@nats-2:6222` */
function routeOf(url: string): Route[] {
  const [, host, port] =
    /^(?:[\w+.-]+:\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/@]*):(-?\d+)\/?$/.exec(url.trim()) ?? [];
  return host === undefined ? [] : [{ host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }];
}

const routeText = ({ host, port }: Route): string => `${host}:${port}`;

/** Do the two mean to be in one cluster: one of them has a route to the other, or both have the same route? */
export function areJoined(a: Member, b: Member): boolean {
  const shared = new Set(a.routes.map(routeText));
  return b.routes.some((route) => shared.has(routeText(route))) || reaches(a, b) || reaches(b, a);
}

const reaches = ({ routes }: Member, { hosts, clusterPort }: Member): boolean =>
  routes.some(
    ({ host, port }) =>
      hosts.includes(host) ||
      (isLocal(host) && port === clusterPort && clusterPort !== undefined && port > 0),
  );

const isLocal = (host: string): boolean => ['localhost', '127.0.0.1', '::1', '0.0.0.0'].includes(host);
