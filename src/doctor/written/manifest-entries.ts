import { isMap, type YamlMap, type YamlPath } from '../compose/yaml-parts.ts';
import type { YamlText } from '../facts.ts';
import { API, CONTROLLER, type Dialect } from './dialect.ts';

/** Something in a file of somebody else that may be the configuration of a stream or of a consumer. */
export interface ManifestEntry {
  value: YamlMap;
  path: YamlPath;
  dialect: Dialect;
  /** What it is the `config` of: `nats stream info --json` and `nats consumer info --json` print that. */
  around?: YamlMap;
}

/**
 * What may be configurations in a file for other tools: everything as the JetStream API takes it, alone, in a list or as
 * `config` of something; of the JetStream controller for Kubernetes the resources of this kind.
 */
export const manifestEntries = (text: YamlText, kind: 'Stream' | 'Consumer'): ManifestEntry[] =>
  within(text.value).flatMap((entry): ManifestEntry[] => {
    const { apiVersion, kind: kindOf, spec } = entry.value;
    if (typeof apiVersion !== 'string' || !apiVersion.startsWith('jetstream.nats.io/')) return [entry];
    return kindOf === kind && isMap(spec)
      ? [{ value: spec, path: [...entry.path, 'spec'], dialect: CONTROLLER }]
      : [];
  });

function within(value: unknown): ManifestEntry[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => below(index, within(item)));
  if (!isMap(value)) return [];
  return [
    { value, path: [], dialect: API },
    ...(isMap(value.config) ? [{ value: value.config, path: ['config'], dialect: API, around: value }] : []),
    ...['streams', 'consumers'].flatMap((list) =>
      Array.isArray(value[list]) ? below(list, within(value[list])) : [],
    ),
  ];
}

const below = (key: string | number, entries: readonly ManifestEntry[]): ManifestEntry[] =>
  entries.map((entry) => ({ ...entry, path: [key, ...entry.path] }));

/** Has it at least two of the fields that only this kind of configuration has? One may be chance. */
export const isTold = (value: YamlMap, telling: readonly string[]): boolean =>
  telling.filter((key) => Object.hasOwn(value, key)).length >= 2;
