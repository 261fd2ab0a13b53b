import type {
  LiveFacts,
  LiveServer,
  LiveService,
  MachineFacts,
  PortHolder,
  Reading,
  WantedPort,
} from '../../../../src/doctor/facts.ts';
import type { Finding } from '../../../../src/doctor/finding.ts';
import type { Rule } from '../../../../src/doctor/rule.ts';
import { placeText, runLive, runMachine } from '../../../../src/doctor/run.ts';
import type { Deployment } from '../../../../src/topology/deployment.ts';
import type { LiveConsumer, LiveStream } from '../../../../src/topology/live.ts';
import type { Topology } from '../../../../src/topology/model.ts';
import { natsServers } from '../../../../src/topology/servers.ts';
import { natsUsers } from '../../../../src/topology/users.ts';
import { liveConsumerOf, liveStreamOf } from '../../../helpers/live-topology.ts';
import { consumer, someSecrets, someTopology, stream } from '../../../helpers/topology.ts';

export const MIB = 1024 ** 2;
export const NOW = '2026-01-01T12:00:00.000Z';

export const got = <T>(value: T): Reading<T> => ({ ok: true, value });
export const failed = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

export const someServer = (name: string, parts: Partial<LiveServer> = {}): LiveServer => ({
  name,
  varz: got({
    version: '2.15.1',
    serverName: name,
    start: NOW,
    slowConsumers: 0,
    maxPayload: MIB,
    connections: 3,
  }),
  jsz: got(someJsz()),
  connections: got([]),
  healthz: got({ status: 200, text: 'ok' }),
  accounts: got(['$G', 'SYS']),
  advertised: got([]),
  stored: got(['$G/MESSAGES', '$G/MESSAGESDLQ']),
  disk: got({ free: 100 * 1024 * MIB, total: 200 * 1024 * MIB }),
  ...parts,
});

type Jsz = Extract<LiveServer['jsz'], { ok: true }>['value'];

export const someJsz = (parts: Partial<Jsz> = {}): Jsz => ({
  enabled: true,
  storage: 0,
  reservedStorage: 512 * MIB,
  maxStorage: 1024 * MIB,
  memory: 0,
  reservedMemory: 0,
  maxMemory: 64 * MIB,
  cluster: null,
  ...parts,
});

export const liveStream = (name: string, parts: Partial<LiveStream> = {}): LiveStream =>
  liveStreamOf(stream(name, `${name.toLowerCase()}.>`), parts);

export const liveConsumer = (
  streamName: string,
  name: string,
  parts: Partial<LiveConsumer> = {},
): LiveConsumer => liveConsumerOf(consumer(streamName, name), parts);

export function someDeployment(
  topology: Topology = someTopology(),
  parts: Partial<Deployment> = {},
): Deployment {
  const names = [
    ...natsServers(topology).flatMap(({ clientPort, monitorPort }) => [clientPort, monitorPort]),
    'postgres',
    ...topology.services.filter(({ port }) => port !== undefined).map(({ name }) => name),
  ];
  return {
    environment: {
      name: 'shop',
      projectDir: '/srv/shop',
      stateDir: '/srv/shop/.devenv/shop',
      id: 'devenv-shop-1',
    },
    runtime: 'process',
    topology,
    ports: Object.fromEntries(names.map((name, at) => [name, 20_000 + at])),
    secrets: someSecrets(topology),
    ...parts,
  };
}

/** A healthy environment of `someTopology`, with the given parts replaced. */
export function someLiveFacts(
  parts: Partial<LiveFacts> = {},
  deployment: Deployment = someDeployment(),
): LiveFacts {
  const { topology } = deployment;
  return {
    deployment,
    at: Date.parse(NOW),
    servers: natsServers(topology).map(({ service }) => someServer(service)),
    accounts: topology.accounts.map(({ name }) => ({
      account: name,
      streams: got(
        topology.streams
          .filter(({ account }) => account === name)
          .map(({ name: stream, subjects }) => liveStream(stream, { subjects })),
      ),
      consumers: got(
        topology.consumers
          .filter(({ account }) => account === name)
          .map((consumer) => liveConsumer(consumer.stream, consumer.name)),
      ),
    })),
    users: natsUsers(topology).map(({ name }) => ({ user: name, login: got<true>(true) })),
    log: [],
    services: [],
    ...parts,
  };
}

export const logged = (service: string, ...texts: string[]): LiveFacts['log'] =>
  texts.map((text) => ({ service, at: NOW, text }));

export const someLiveService = (
  service: string,
  port: number,
  holder: PortHolder | null,
  parts: Partial<LiveService> = {},
): LiveService => ({
  service,
  state: 'running',
  restarts: 0,
  health: { ready: true, detail: '' },
  ports: [{ name: parts.ports?.[0]?.name ?? service, port, holder: got(holder) }],
  ...parts,
});

export const someMachine = (
  ports: readonly Partial<WantedPort>[] = [],
  networks: MachineFacts['networks'] = null,
  stores: MachineFacts['stores'] = [],
): MachineFacts => {
  const { environment, topology } = someDeployment();
  return {
    environment,
    topology,
    ports: ports.map((port) => ({ name: 'nats', service: 'nats', port: 4222, holder: got(null), ...port })),
    stores,
    networks,
  };
};

/** `place severity: cause`, one line for each finding. */
export const said = (findings: readonly Finding[]): string[] =>
  findings.map(({ place, severity, cause }) => `${placeText(place)} ${severity}: ${cause}`);

/** What one rule says; also that what it says can be printed. */
export const live = (rule: Rule, facts: LiveFacts): Finding[] => sound(runLive(facts, { rules: [rule] }));
export const beforeStart = (rule: Rule, facts: MachineFacts): Finding[] =>
  sound(runMachine(facts, { rules: [rule] }));

function sound(findings: Finding[]): Finding[] {
  for (const { cause, fix, symptom } of findings) {
    if (!/^[^\n]+[.!?)]$/.test(cause)) throw new Error(`not one sentence: ${cause}`);
    if (!/[.!?)`]$/.test(fix)) throw new Error(`not a sentence: ${fix}`);
    if (symptom === '') throw new Error('no symptom');
    for (const text of [cause, fix, symptom])
      if (/undefined|NaN|\[object|null/.test(text)) throw new Error(`a hole in: ${text}`);
  }
  return findings;
}
