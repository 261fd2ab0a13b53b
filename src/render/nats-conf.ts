import { formatDuration } from '../topology/durations.ts';
import { formatSize } from '../topology/sizes.ts';
import { access, type ConfAccess } from './nats-conf-access.ts';
import { type ConfCluster, type ConfTls, clientTls, cluster } from './nats-conf-network.ts';
import {
  block,
  comment,
  duration,
  type Field,
  field,
  integer,
  printNatsConf,
  type Statement,
  text,
  unfit,
} from './nats-conf-syntax.ts';

export interface NatsConfOptions extends ConfAccess {
  serverName: string;
  /** Address and port for clients; port -1 = the server chooses. */
  host: string;
  port: number;
  /** Address and port for monitoring, which has no authentication. */
  monitorHost: string;
  monitorPort: number;
  /** The server keeps its streams in `<storeDir>/jetstream`. */
  storeDir: string;
  /** Bytes; 0 = no streams of that storage. */
  maxMemoryStore: number;
  maxFileStore: number;
  /** Bytes. */
  maxPayload: number;
  maxPending: number;
  /** -1 = no limit. */
  maxConnections: number;
  /** Milliseconds, or after every write. */
  syncInterval: number | 'always';
  /** Absent = plain TCP. */
  tls?: ConfTls | null;
  /** Absent = alone. */
  cluster?: ConfCluster;
  /** Version of the server that will read it; fields that it does not know are left out. Unset = the newest. */
  version?: string;
  pidFile?: string;
  portsFileDir?: string;
  logFile?: string;
}

const MAX_INT32 = 2 ** 31 - 1;
const anySize = { min: 0, max: Number.MAX_SAFE_INTEGER };

/**
 * The nats.conf of one JetStream server: valid for every server from 2.9 on, commented for people, with the
 * credentials in it, so write it with mode 0600. Throws CONFIG_INVALID for what nats-server would refuse or misread.
 */
export function renderNatsConf(options: NatsConfOptions): string {
  const tls = options.tls ?? undefined;
  if (options.maxPayload > options.maxPending)
    // `nats-server -t` lets this pass, and the server then refuses to start.
    throw unfit(
      `max_payload (${formatSize(options.maxPayload)})`,
      `it must not be greater than max_pending (${formatSize(options.maxPending)})`,
    );
  return printNatsConf([
    comment('Written by devenv from devenv.yaml. It holds credentials: keep it readable for yourself only.'),
    ...listeners(options),
    ...(tls === undefined ? [] : [clientTls(tls)]),
    ...limits(options),
    jetstream(options),
    ...(options.cluster === undefined ? [] : cluster(options.cluster, tls)),
    ...access(options),
    ...files(options),
  ]);
}

function listeners({ serverName, host, port, monitorHost, monitorPort }: NatsConfOptions): Statement[] {
  if (serverName === '' || /\s/u.test(serverName)) throw unfit('The server name', 'it must be one word');
  const anyPort = { min: -1, max: 65_535 };
  // Only for the check: the monitoring address is one string.
  integer(monitorPort, 'The monitoring port', anyPort);
  const address = monitorHost.includes(':') ? `[${monitorHost}]` : monitorHost;
  return [
    field('server_name', text(serverName, 'The server name')),
    field('host', text(host, 'The host'), 'Where clients connect.'),
    field('port', integer(port, 'The port', anyPort)),
    field(
      'http',
      text(`${address}:${monitorPort}`, 'The monitoring address'),
      'Monitoring (/varz, /jsz, /healthz). It asks for no password.',
    ),
  ];
}

function limits({ maxPayload, maxPending, maxConnections }: NatsConfOptions): Field[] {
  return [
    field(
      'max_payload',
      integer(maxPayload, 'max_payload', { min: 1, max: MAX_INT32 }),
      `${formatSize(maxPayload)}: the largest message, headers included.`,
    ),
    field(
      'max_pending',
      integer(maxPending, 'max_pending', { min: 1, max: Number.MAX_SAFE_INTEGER }),
      `${formatSize(maxPending)}: what may wait for one client before it is cut off as too slow.`,
    ),
    field(
      'max_connections',
      integer(maxConnections, 'max_connections', { min: -1, max: MAX_INT32 }),
      'How many clients may be connected at once.',
    ),
  ];
}

function jetstream({
  storeDir,
  maxMemoryStore,
  maxFileStore,
  syncInterval,
  version,
  cluster: peers,
}: NatsConfOptions) {
  if (storeDir === '') throw unfit('The store folder', 'it is empty');
  return block(
    'jetstream',
    [
      field('store_dir', path(storeDir, 'The store folder'), 'Streams are in its folder "jetstream".'),
      field(
        'max_memory_store',
        integer(maxMemoryStore, 'max_memory_store', anySize),
        `${formatSize(maxMemoryStore)} for memory streams. A stream reserves its max_bytes when it is created,`,
        'so the sum of all max_bytes must fit, however empty the streams are.',
      ),
      field(
        'max_file_store',
        integer(maxFileStore, 'max_file_store', anySize),
        `${formatSize(maxFileStore)} for file streams, reserved likewise.`,
      ),
      ...(knowsSyncInterval(version) ? [syncField(syncInterval)] : []),
      ...(peers === undefined
        ? []
        : [
            field(
              'unique_tag',
              text('az:', 'unique_tag'),
              'Each copy of a stream is on a server with another az: tag.',
            ),
          ]),
    ],
    'Sizes are in bytes: 10G means 10,000,000,000 here and "10G" means 10,737,418,240.',
  );
}

const syncField = (syncInterval: number | 'always'): Field =>
  syncInterval === 'always'
    ? field(
        'sync_interval',
        text('always', 'sync_interval'),
        'Every write is on the disk before it is acknowledged.',
      )
    : field(
        'sync_interval',
        duration(syncInterval, 'sync_interval'),
        `File streams are synced to disk every ${formatDuration(syncInterval)}: what a power cut may take.`,
      );

/** To servers before 2.10 `sync_interval` is an unknown field, which stops them. */
function knowsSyncInterval(version: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return major === undefined || Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
}

function files({ pidFile, portsFileDir, logFile }: NatsConfOptions): Field[] {
  return [
    ...(pidFile === undefined ? [] : [field('pid_file', path(pidFile, 'The pid file'))]),
    ...(portsFileDir === undefined
      ? []
      : [field('ports_file_dir', path(portsFileDir, 'The folder of the ports file'))]),
    ...(logFile === undefined ? [] : [field('log_file', path(logFile, 'The log file'))]),
  ];
}

function path(value: string, what: string) {
  if (value === '' || value.includes('\0')) throw unfit(what, 'no file system has such a path');
  return text(value, what);
}
