import { type Budget, type BudgetTotal, planBudget, type Spending } from '../../../topology/budget.ts';
import type { Account, Nats, Stream } from '../../../topology/model.ts';
import { parseSize } from '../../../topology/sizes.ts';
import type { StaticFacts, YamlText } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { onceFor } from '../../once.ts';
import type { WrittenStream } from '../../written/stream.ts';
import { writtenStreams } from '../../written/streams.ts';

/** Servers that streams are to be made on, with what they have for them. */
export interface Stores {
  /** `the server`, `each server`, `server.conf` */
  title: string;
  spending: Spending;
  budget: Budget;
  /** Where a limit stands, and what it is called there; `isDefault` when nobody wrote it. */
  limit(total: Pick<BudgetTotal, 'of' | 'storage'>): { name: string; place: Place; isDefault?: boolean };
}

/** devenv's own servers, those of every nats.conf, and those that Helm values describe; only as far as limits are written. */
export const storesOf = onceFor((facts: StaticFacts): readonly Stores[] => [
  ...ownStores(facts),
  ...foreignStores(facts),
  ...facts.manifests.flatMap((text) => helmStores(text, facts)),
]);

function ownStores({ project }: StaticFacts): Stores[] {
  if (project === null) return [];
  const { topology } = project;
  return [
    {
      title: topology.nats.servers === 1 ? 'the server' : 'each server',
      spending: topology,
      budget: planBudget(topology),
      limit({ of, storage }) {
        const path =
          of.kind === 'account'
            ? ['accounts', of.account, 'jetstream', `max_${storage}`]
            : ['nats', `max_${storage}_store`];
        const place = project.place(path);
        // A variable or an option is a place of its own kind.
        const isDefault = place.kind === 'file' && project.written(path) === undefined;
        return { name: path.join('.'), place, isDefault };
      },
    },
  ];
}

/** One nats.conf for each server of a cluster, or of a server that is alone. */
function foreignStores(facts: StaticFacts): Stores[] {
  const confs = facts.confs.map(serverConf).filter(({ jetstream }) => jetstream.enabled);
  const [conf] = confs;
  const streams = foreignStreams(facts);
  if (conf === undefined || streams.length === 0) return [];
  const clustered = confs.length > 1 && confs.every(({ cluster }) => cluster !== undefined);
  return (clustered ? [conf] : confs).map((each) => confStores(each, clustered ? confs.length : 1, streams));
}

function confStores(conf: ServerConf, servers: number, streams: readonly Stream[]): Stores {
  const { maxFile, maxMemory } = conf.jetstream;
  const accounts = conf.accounts.flatMap(({ name, jetstream }): Account[] =>
    jetstream === undefined
      ? []
      : [
          {
            name,
            users: [],
            jetstream: {
              maxFile: jetstream.maxFile?.value ?? -1,
              maxMemory: jetstream.maxMemory?.value ?? -1,
              maxStreams: -1,
              maxConsumers: -1,
            },
          },
        ],
  );
  const spending = {
    nats: natsOf(servers, maxFile?.value, maxMemory?.value),
    streams: assigned(streams, accounts),
    accounts,
  };
  const { file } = conf.document;
  return {
    title: servers === 1 ? `the server of ${file}` : 'each server',
    spending,
    budget: planBudget(spending),
    limit({ of, storage }) {
      const own =
        of.kind === 'account' ? conf.accounts.find(({ name }) => name === of.account)?.jetstream : undefined;
      const found =
        of.kind === 'account'
          ? storage === 'file'
            ? own?.maxFile
            : own?.maxMemory
          : storage === 'file'
            ? maxFile
            : maxMemory;
      const span = found?.span ?? conf.jetstream.span;
      return {
        name: found?.key ?? `max_${storage}_store`,
        place: span === undefined ? { kind: 'file', file, line: 1, column: 1 } : placeOf(span),
      };
    },
  };
}

/** `config.jetstream` of the values of NATS's own Helm chart: memory is off there unless it is turned on. */
function helmStores(text: YamlText, facts: StaticFacts): Stores[] {
  const config = inside(text.value, 'config');
  const jetstream = inside(config, 'jetstream');
  const streams = foreignStreams(facts);
  if (inside(jetstream, 'enabled') !== true || streams.length === 0) return [];
  const fileStore = inside(jetstream, 'fileStore');
  const memoryStore = inside(jetstream, 'memoryStore');
  const file = [
    { path: ['maxSize'], value: inside(fileStore, 'maxSize') },
    { path: ['pvc', 'size'], value: inside(inside(fileStore, 'pvc'), 'size') },
  ].find(({ value }) => typeof value === 'string');
  const maxFile = inside(fileStore, 'enabled') === false ? 0 : sizeOf(file?.value);
  const maxMemory = inside(memoryStore, 'enabled') === true ? sizeOf(inside(memoryStore, 'maxSize')) : 0;
  const replicas = inside(inside(config, 'cluster'), 'replicas');
  const isClustered = inside(inside(config, 'cluster'), 'enabled') === true;
  const spending = {
    nats: natsOf(isClustered ? serversOf(replicas) : 1, maxFile, maxMemory),
    streams: foreignStreams(facts),
  };
  const base = ['config', 'jetstream'];
  return [
    {
      title: `each server of ${text.file}`,
      spending,
      budget: planBudget(spending),
      limit({ storage }) {
        const path =
          storage === 'file'
            ? [...base, 'fileStore', ...(file?.path ?? [])]
            : [...base, 'memoryStore', ...(maxMemory === 0 ? [] : ['maxSize'])];
        return { name: path.join('.'), place: text.place(path) };
      },
    },
  ];
}

/** Three is the chart's own default, and more than a dozen is no cluster. */
const serversOf = (replicas: unknown): number =>
  typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 1 ? Math.min(replicas, 12) : 3;

const inside = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;

function sizeOf(value: unknown): number | undefined {
  const reading = typeof value === 'string' ? parseSize(value) : undefined;
  return reading?.ok ? reading.value : undefined;
}

/** What is not limited in a file is limited by the machine, which nobody knows here. */
const natsOf = (servers: number, maxFile: number | undefined, maxMemory: number | undefined): Nats => ({
  version: '',
  image: '',
  maxFileStore: limitOf(maxFile),
  maxMemoryStore: limitOf(maxMemory),
  maxPayload: 0,
  maxPending: 0,
  maxConnections: 0,
  syncInterval: 0,
  servers,
  tls: null,
});

const limitOf = (written: number | undefined): number =>
  written === undefined || written < 0 ? Number.POSITIVE_INFINITY : written;

/** What will be made on servers that are not devenv's own: everything that is written anywhere, each stream once. */
function foreignStreams(facts: StaticFacts): readonly Stream[] {
  const streams = new Map<string, Stream>();
  for (const written of writtenStreams(facts)) {
    if (written.kind === 'created' && written.fields.maxBytes === undefined) continue;
    for (const name of namesOf(written)) {
      const key = JSON.stringify([written.account, name]);
      const known = streams.get(key);
      if (known === undefined || (written.fields.maxBytes ?? -1) > known.maxBytes)
        streams.set(key, asStream(written, name));
    }
  }
  return [...streams.values()];
}

const namesOf = (written: WrittenStream): readonly string[] =>
  written.kind === 'family'
    ? [...new Set(written.captured.map(({ stream }) => stream))].filter((name) => !name.includes('{}'))
    : [written.name];

const asStream = ({ account, fields }: WrittenStream, name: string): Stream => ({
  name,
  account,
  subjects: fields.subjects ?? [],
  storage: fields.storage ?? 'file',
  retention: 'limits',
  discard: 'old',
  maxBytes: fields.maxBytes ?? -1,
  maxAge: 0,
  maxMsgs: -1,
  maxMsgSize: -1,
  duplicateWindow: 0,
  replicas: fields.replicas ?? 1,
  placement: [],
});

/** With one account in a nats.conf, that is where streams go of which no file says so. */
function assigned(streams: readonly Stream[], accounts: readonly Account[]): readonly Stream[] {
  const [only, ...others] = accounts;
  if (only === undefined || others.length > 0) return streams;
  return streams.map((stream) => (stream.account === '$G' ? { ...stream, account: only.name } : stream));
}
