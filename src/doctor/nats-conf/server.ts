import { present } from '../../topology/present.ts';
import { onceFor } from '../once.ts';
import {
  booleanIn,
  durationIn,
  entryOf,
  integerIn,
  mapOf,
  type Placed,
  sizeIn,
  textIn,
  textsIn,
} from './conf-values.ts';
import type { ConfDocument, ConfEntry, ConfSpan, ConfValue } from './document.ts';
import { type AccessConf, readAccess } from './server-access.ts';

/** What one nats.conf means, as far as rules ask: every value with its place. Sizes are bytes, durations milliseconds. */
export interface ServerConf extends AccessConf {
  document: ConfDocument;
  serverName?: Placed<string>;
  /** Address for clients; absent = all interfaces, 4222. */
  host?: Placed<string>;
  port?: Placed<number>;
  clientAdvertise?: Placed<string>;
  /** Monitoring; absent = none. */
  http?: { host?: string; port: number; span: ConfSpan };
  jetstream: JetStreamConf;
  cluster?: ClusterConf;
  gateway?: { name?: Placed<string> };
  tls?: TlsConf;
  maxPayload?: Placed<number>;
  maxPending?: Placed<number>;
  lameDuckDuration?: Placed<number>;
  lameDuckGrace?: Placed<number>;
}

export interface JetStreamConf {
  enabled: boolean;
  /** Of the field `jetstream`; absent when there is none. */
  span?: ConfSpan;
  /** Within `jetstream` or at the top level; the server appends `/jetstream`. */
  storeDir?: Placed<string>;
  maxMemory?: Placed<number>;
  maxFile?: Placed<number>;
  syncInterval?: Placed<number | 'always'>;
}

export interface ClusterConf {
  span: ConfSpan;
  name?: Placed<string>;
  host?: Placed<string>;
  /** 0 or absent: the server does not listen for routes and is not clustered. */
  port?: Placed<number>;
  routes: readonly Placed<string>[];
}

export interface TlsConf {
  span: ConfSpan;
  verify?: Placed<boolean>;
  /** `cert_file`, `certs` or `cert_store`: it has a certificate to show. */
  hasCertificate: boolean;
  /** `ca_file` */
  authority?: Placed<string>;
  allowsPlain: boolean;
}

/** What is of a wrong type counts as absent. */
export const serverConf = onceFor((document: ConfDocument): ServerConf => {
  const { entries } = document;
  const http = httpOf(entries);
  const cluster = clusterOf(entries);
  const gateway = mapOf(entryOf(entries, 'gateway'));
  const tls = tlsOf(entries);
  return {
    document,
    ...readAccess(entries),
    ...present({
      serverName: textIn(entries, 'server_name'),
      clientAdvertise: textIn(entries, 'client_advertise'),
      maxPayload: sizeIn(entries, 'max_payload'),
      maxPending: sizeIn(entries, 'max_pending'),
      lameDuckDuration: durationIn(entries, 'lame_duck_duration'),
      lameDuckGrace: durationIn(entries, 'lame_duck_grace_period'),
      gateway: gateway && present({ name: textIn(gateway, 'name') }),
      http,
      cluster,
      tls,
    }),
    ...listenOf(entries),
    jetstream: jetstreamOf(entries),
  };
});

/** `listen: host:port` or `listen: port`, and `host`, `net` and `port` on their own. */
function listenOf(entries: readonly ConfEntry[]): { host?: Placed<string>; port?: Placed<number> } {
  const listen = entryOf(entries, 'listen');
  const address = listen && addressOf(listen.value);
  const at = listen && { span: listen.value.span, raw: listen.value.raw, key: listen.key };
  return present({
    host:
      textIn(entries, 'host', 'net') ??
      (at && address?.host !== undefined ? { value: address.host, ...at } : undefined),
    port: integerIn(entries, 'port') ?? (at && address ? { value: address.port, ...at } : undefined),
  });
}

function httpOf(entries: readonly ConfEntry[]): ServerConf['http'] {
  const entry = entryOf(entries, 'http', 'https', 'http_port', 'monitor_port', 'https_port');
  const address = entry && addressOf(entry.value);
  return address && { ...address, span: entry.value.span };
}

/** `8222`, `127.0.0.1:8222`, `[::1]:8222` */
function addressOf(value: ConfValue): { host?: string; port: number } | undefined {
  if (value.kind === 'integer') return { port: Number(value.value) };
  if (value.kind !== 'string') return undefined;
  const [, host, port] = /^(.*):(-?\d+)$/.exec(value.value) ?? [];
  if (host === undefined) return undefined;
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function jetstreamOf(entries: readonly ConfEntry[]): JetStreamConf {
  const entry = entryOf(entries, 'jetstream');
  const body = mapOf(entry) ?? [];
  const sync = textIn(body, 'sync_interval', 'sync');
  return {
    enabled: entry !== undefined && isEnabled(entry.value),
    ...present({
      span: entry?.keySpan,
      storeDir: textIn(body, 'store_dir', 'storedir', 'store') ?? textIn(entries, 'store_dir', 'storedir'),
      maxMemory: sizeIn(body, 'max_memory_store', 'max_mem_store', 'max_mem'),
      maxFile: sizeIn(body, 'max_file_store', 'max_file'),
      syncInterval:
        sync?.value.toLowerCase() === 'always'
          ? { ...sync, value: 'always' as const }
          : durationIn(body, 'sync_interval', 'sync'),
    }),
  };
}

/** `jetstream: true`, `enabled`, or a block that does not say `enabled: false`. */
export function isEnabled(value: ConfValue): boolean {
  if (value.kind === 'boolean') return value.value;
  if (value.kind === 'string') return /^enabled?$/i.test(value.value);
  return value.kind === 'map' && booleanIn(value.entries, 'enabled', 'enable')?.value !== false;
}

function clusterOf(entries: readonly ConfEntry[]): ClusterConf | undefined {
  const entry = entryOf(entries, 'cluster');
  const body = mapOf(entry);
  if (entry === undefined || body === undefined) return undefined;
  return {
    span: entry.keySpan,
    ...listenOf(body),
    ...present({ name: textIn(body, 'name') }),
    routes: textsIn(body, 'routes'),
  };
}

function tlsOf(entries: readonly ConfEntry[]): TlsConf | undefined {
  const entry = entryOf(entries, 'tls');
  const body = mapOf(entry);
  if (entry === undefined || body === undefined) return undefined;
  return {
    span: entry.keySpan,
    hasCertificate: entryOf(body, 'cert_file', 'certs', 'certificates', 'cert_store') !== undefined,
    allowsPlain: booleanIn(entries, 'allow_non_tls')?.value === true,
    ...present({
      verify: booleanIn(body, 'verify', 'verify_and_map'),
      authority: textIn(body, 'ca_file'),
    }),
  };
}
