import { isMap, textOf } from './compose/yaml-parts.ts';
import type { YamlText } from './facts.ts';
import { natsChartValues } from './kubernetes/helm-values.ts';
import { manifestConsumers } from './written/manifest-consumers.ts';
import { manifestStreams } from './written/manifest-streams.ts';

/** Is it one of the kinds of files that rules look into, whatever they find there? An empty document is none. */
export function isKnownManifest(text: YamlText): boolean {
  const { value } = text;
  if (isResource(value) || natsChartValues(value) !== undefined || isDashboard(value)) return true;
  return manifestStreams(text, '').length > 0 || manifestConsumers(text).length > 0;
}

const isResource = (value: unknown): boolean =>
  isMap(value) && textOf(value.kind) !== undefined && textOf(value.apiVersion) !== undefined;

/** Grafana's own JSON, and what its API wraps around it. */
const isDashboard = (value: unknown): boolean =>
  isMap(value) &&
  [value, value.dashboard].some(
    (board) => isMap(board) && ['panels', 'rows', 'templating'].some((key) => key in board),
  );
