import { accountSettings } from './account-settings.ts';
import { entitySettings } from './entity-settings.ts';
import { valueAt } from './problems.ts';
import { serviceSettings } from './service-settings.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { consumerSettings, familySettings, streamSettings } from './stream-settings.ts';

/** An item of a list together with its place in devenv.yaml. */
export interface Item<Key extends string | number, Value> {
  key: Key;
  value: Value;
}

/**
 * The parts of a declaration that can be read although others cannot, so that one run reports what is wrong within a
 * part and what is wrong between parts.
 */
export interface Draft {
  nats: Settings['nats'] | undefined;
  postgres: Settings['postgres'] | undefined;
  streams: readonly Item<number, Settings['streams'][number]>[];
  consumers: readonly Item<number, Settings['consumers'][number]>[];
  entities: readonly Item<number, Settings['entities'][number]>[];
  families: readonly Item<number, Settings['families'][number]>[];
  accounts: readonly Item<string, Settings['accounts'][string]>[];
  services: readonly Item<string, Settings['services'][string]>[];
  ports: Settings['ports'] | undefined;
  /** Those declared, and the system account. */
  accountNames: readonly string[];
  /** As written, also of services that cannot be read: what refers to them is no further mistake. */
  serviceNames: readonly string[];
  allStreamsRead: boolean;
  allConsumersRead: boolean;
}

/** The whole declaration, when all of it could be read. */
export const draftOfSettings = (settings: Settings): Draft => ({
  nats: settings.nats,
  postgres: settings.postgres,
  streams: numbered(settings.streams),
  consumers: numbered(settings.consumers),
  entities: numbered(settings.entities),
  services: Object.entries(settings.services).map(([key, value]) => ({ key, value })),
  ports: settings.ports,
  families: numbered(settings.families),
  accounts: Object.entries(settings.accounts).map(([key, value]) => ({ key, value })),
  accountNames: [...Object.keys(settings.accounts), settings.system_account],
  serviceNames: Object.keys(settings.services),
  allStreamsRead: true,
  allConsumersRead: true,
});

/** What can be read of an input that the schema refuses. */
export function draftOf(input: unknown): Draft {
  const { shape } = settingsSchema;
  const at = (key: keyof Settings) => valueAt(input, [key]);
  const streams = at('streams');
  return {
    nats: shape.nats.safeParse(at('nats')).data,
    postgres: shape.postgres.safeParse(at('postgres')).data,
    streams: items(shape.streams, streamSettings, streams),
    consumers: items(shape.consumers, consumerSettings, at('consumers')),
    entities: items(shape.entities, entitySettings, at('entities')),
    services: entries(shape.services, serviceSettings, at('services')),
    ports: shape.ports.safeParse(at('ports')).data,
    families: items(shape.families, familySettings, at('families')),
    accounts: entries(shape.accounts, accountSettings, at('accounts')),
    accountNames: [...Object.keys(mapOf(at('accounts'))), String(at('system_account') ?? 'SYS')],
    serviceNames: Object.keys(mapOf(at('services') ?? shape.services.parse(undefined))),
    allStreamsRead: shape.streams.safeParse(streams).success,
    allConsumersRead: shape.consumers.safeParse(at('consumers')).success,
  };
}

interface Reader<T> {
  safeParse(value: unknown): { success: boolean; data?: T };
}

/** Every item that can be read; the default when the list is not given. */
function items<T>(whole: Reader<T[]>, one: Reader<T>, value: unknown): Item<number, T>[] {
  if (value !== undefined && !Array.isArray(value)) return [];
  const list = whole.safeParse(value).data;
  if (list !== undefined) return numbered(list);
  return (value as unknown[]).flatMap((item, key) => {
    const { data } = one.safeParse(item);
    return data === undefined ? [] : [{ key, value: data }];
  });
}

function entries<T>(whole: Reader<Record<string, T>>, one: Reader<T>, value: unknown): Item<string, T>[] {
  const map = whole.safeParse(value).data;
  if (map !== undefined) return Object.entries(map).map(([key, item]) => ({ key, value: item }));
  return Object.entries(mapOf(value)).flatMap(([key, item]) => {
    const { data } = one.safeParse(item);
    return data === undefined ? [] : [{ key, value: data }];
  });
}

const numbered = <T>(list: readonly T[]): Item<number, T>[] => list.map((value, key) => ({ key, value }));

const mapOf = (value: unknown): object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
