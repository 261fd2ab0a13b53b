import type { LiveFacts, LiveServer, Reading } from '../../../../src/doctor/facts.ts';
import type { Rule } from '../../../../src/doctor/rule.ts';
import { runLive } from '../../../../src/doctor/run.ts';
import type { LiveConsumer, LiveStream } from '../../../../src/topology/live.ts';
import type { Consumer, Stream, Topology } from '../../../../src/topology/model.ts';
import { liveConsumerOf, liveStreamOf } from '../../../helpers/live-topology.ts';
import { consumer, someSecrets, someTopology, stream } from '../../../helpers/topology.ts';

const MIB = 1024 ** 2;
const AWAY = { ok: false as const, reason: 'it did not answer' };

export const ORDERS: Stream = { ...stream('ORDERS', 'orders.>'), maxBytes: 8 * MIB };
export const BILLING: Consumer = consumer('ORDERS', 'billing');

export const liveStream = (parts: Partial<LiveStream> = {}): LiveStream =>
  liveStreamOf(ORDERS, { messages: 3, bytes: 300, lastSeq: 3, oldestAgeMs: 1_000, ...parts });

export const liveConsumer = (parts: Partial<LiveConsumer> = {}): LiveConsumer =>
  liveConsumerOf(BILLING, { ackFloor: 3, delivered: 3, ...parts });

export const topologyOf = (parts: Partial<Topology> = {}): Topology =>
  someTopology({ streams: [ORDERS], consumers: [BILLING], services: [], ...parts });

export interface Look {
  topology?: Topology;
  streams?: Reading<readonly LiveStream[]>;
  consumers?: Reading<readonly LiveConsumer[]>;
  /** Bytes that are reserved of 64 MiB, in each of the servers. */
  reserved?: readonly (number | null)[];
  version?: string;
  /** Beside `$G`. */
  otherAccounts?: readonly string[];
}

/** One look at an environment whose only difference is what is given. */
export function look({
  topology = topologyOf(),
  streams = { ok: true, value: [liveStream()] },
  consumers = { ok: true, value: [liveConsumer()] },
  reserved = [8 * MIB],
  version = '2.15.1',
  otherAccounts = [],
}: Look = {}): LiveFacts {
  const environment = {
    name: 'shop',
    projectDir: '/srv/shop',
    stateDir: '/srv/shop/.devenv/shop',
    id: 'shop-1',
  };
  return {
    deployment: {
      environment,
      runtime: 'process',
      topology,
      ports: {},
      secrets: someSecrets(topology),
    },
    at: 0,
    servers: reserved.map((bytes, index) => server(`nats-${index + 1}`, bytes, version)),
    accounts: [
      { account: '$G', streams, consumers },
      ...otherAccounts.map((account) => ({
        account,
        streams: { ok: true as const, value: [] },
        consumers: { ok: true as const, value: [] },
      })),
    ],
    users: [],
    log: [],
    services: [],
  };
}

/** null = a server that does not answer. */
function server(name: string, reserved: number | null, version: string): LiveServer {
  const store = { storage: 0, reservedStorage: reserved ?? 0, maxStorage: 64 * MIB };
  const memory = { memory: 0, reservedMemory: reserved ?? 0, maxMemory: 64 * MIB };
  const varz = { version, serverName: name, start: '', slowConsumers: 0, maxPayload: MIB, connections: 0 };
  return {
    name,
    varz: reserved === null ? AWAY : { ok: true, value: varz },
    jsz:
      reserved === null ? AWAY : { ok: true, value: { enabled: true, cluster: null, ...store, ...memory } },
    connections: AWAY,
    healthz: AWAY,
    advertised: AWAY,
    accounts: AWAY,
    stored: AWAY,
    disk: AWAY,
  };
}

/** `severity place: cause` of each finding of one rule. */
export const said = (rule: Rule, given: Look): string[] =>
  runLive(look(given), { rules: [rule] }).map(
    ({ severity, place, cause }) =>
      `${severity} ${place.kind === 'object' ? place.object : place.file}: ${cause}`,
  );
