import { formatSize } from '../../../topology/sizes.ts';
import { servicesReading } from '../../compose/nats-services.ts';
import type { DeclaredProject } from '../../facts.ts';
import type { Place, Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

const TEXTS = {
  file: 'insufficient storage resources available (10047)',
  memory: 'insufficient memory resources available (10028)',
} as const;
type Storage = keyof typeof TEXTS;

const fatal = (storage: Storage): string =>
  `[FTL] Can't start JetStream: Error enabling jetstream on configured accounts: ${TEXTS[storage]}`;

/** C21: limits of accounts are reservations, and all of them are made when the server starts. */
export const c21AccountReservations = defineRule({
  id: 'C21',
  title: 'accounts reserve more than the server has',
  severity: 'error',
  meaning: 'The JetStream limits of the accounts are more in all than the limit of the server.',
  cause:
    'A single server reserves the max_file and max_mem of every account at start, whether anything is stored or not. When the sum exceeds its own max_file_store or max_memory_store, the server ends, although `nats-server -t` found the file valid. Servers of a cluster start; there it shows when streams are created.',
  fix: 'Lower the limits of the accounts, raise that of the server, or leave the limits of accounts out: then they share what the server has.',
  symptoms: [fatal('file'), fatal('memory')],
  codes: [10047, 10028],
  matches: [/Error enabling jetstream on configured accounts/i],
  *static(facts) {
    for (const document of facts.confs) {
      const conf = serverConf(document);
      const isClustered = (conf.cluster?.port?.value ?? 0) !== 0;
      const flags = servicesReading(facts, conf).flatMap((service) => service.arguments.flags);
      if (!isClustered && !flags.some(({ name }) => name === 'cluster')) yield* inConf(conf);
    }
    if (facts.project !== null && facts.project.topology.nats.servers === 1) yield* inProject(facts.project);
  },
});

interface Reservation {
  account: string;
  bytes: number;
  place: Place;
}

function* inConf({ jetstream, accounts }: ServerConf): Iterable<Report> {
  if (!jetstream.enabled) return;
  for (const [storage, key] of [
    ['file', 'maxFile'],
    ['memory', 'maxMemory'],
  ] as const) {
    const limit = jetstream[key]?.value;
    const reserved = accounts.flatMap(({ name, jetstream: own }): Reservation[] => {
      const limit = own?.enabled ? own[key] : undefined;
      return limit === undefined || limit.value <= 0
        ? []
        : [{ account: name, bytes: limit.value, place: placeOf(limit.span) }];
    });
    // Unset or negative: 75 % of the machine's memory, what is free on its disk.
    if (limit !== undefined && limit >= 0) yield* added(storage, limit, reserved);
  }
}

function* inProject(project: DeclaredProject): Iterable<Report> {
  const { accounts, nats } = project.topology;
  for (const [storage, key, field, limit] of [
    ['file', 'maxFile', 'max_file', nats.maxFileStore],
    ['memory', 'maxMemory', 'max_memory', nats.maxMemoryStore],
  ] as const) {
    const reserved = accounts.flatMap(({ name, jetstream }): Reservation[] =>
      jetstream === null || jetstream[key] <= 0
        ? []
        : [
            {
              account: name,
              bytes: jetstream[key],
              place: project.place(['accounts', name, 'jetstream', field]),
            },
          ],
    );
    yield* added(storage, limit, reserved);
  }
}

/** The first reservation that does not fit any more. */
function* added(storage: Storage, limit: number, reserved: readonly Reservation[]): Iterable<Report> {
  let sum = 0;
  for (const { account, bytes, place } of reserved) {
    sum += bytes;
    if (sum <= limit) continue;
    const all = reserved.reduce((total, one) => total + one.bytes, 0);
    yield {
      place,
      cause: `Accounts reserve ${formatSize(all)} of ${storage} storage (${reserved.map((one) => `${one.account} ${formatSize(one.bytes)}`).join(', ')}), the server has ${formatSize(limit)}, and ${account} is the first that does not fit.`,
      fix: `Raise the server's ${storage === 'file' ? 'max_file_store' : 'max_memory_store'} to ${formatSize(all)} or more, or lower the limits of accounts by ${formatSize(all - limit)} in all.`,
      symptom: fatal(storage),
    };
    return;
  }
}
