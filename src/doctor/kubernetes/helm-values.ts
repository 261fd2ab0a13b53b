import { isMap, mapAt, type YamlMap } from '../compose/yaml-parts.ts';

/**
 * Values of the chart `nats` from 1.0 on: `config.…` where older ones have `nats.…` and `cluster.…`. A file of values
 * has no name of its chart in it, so that its keys have to tell; the chart may stand below its name in an umbrella.
 * https://github.com/nats-io/k8s/blob/main/helm/charts/nats/values.yaml
 */
export function natsChartValues(value: unknown): { values: YamlMap; path: readonly string[] } | undefined {
  if (!isMap(value) || 'kind' in value || 'apiVersion' in value) return undefined;
  if (isChart(value)) return { values: value, path: [] };
  const nested = mapAt(value, 'nats');
  return nested !== undefined && isChart(nested) ? { values: nested, path: ['nats'] } : undefined;
}

const OF_CONFIG = [
  'cluster',
  'jetstream',
  'nats',
  'leafnodes',
  'websocket',
  'mqtt',
  'gateway',
  'monitor',
  'merge',
];
const BESIDE = [
  'natsBox',
  'promExporter',
  'reloader',
  'statefulSet',
  'podTemplate',
  'headlessService',
  'service',
];

function isChart(values: YamlMap): boolean {
  const config = mapAt(values, 'config');
  if (config === undefined) return false;
  const known = Object.keys(config).filter((key) => OF_CONFIG.includes(key));
  return known.includes('jetstream') || known.includes('cluster') || BESIDE.some((key) => key in values);
}
