import { isDashboard } from '../../compose/addresses.ts';
import { isMap, textsWithin, type YamlPath } from '../../compose/yaml-parts.ts';
import type { YamlText } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { defineRule } from '../../rule.ts';
import { type Collector, runningCollectors } from './collectors.ts';

const NAMES: Readonly<Record<Collector, { shown: string; metrics: RegExp; example: string }>> = {
  exporter: {
    shown: 'the Prometheus NATS exporter',
    metrics:
      /\b(gnatsd_\w+|nats_(?:varz|connz|routez|subz|gatewayz|leafz|healthz)_\w+|jetstream_(?:server|stream|consumer|account|cluster)_\w+)/,
    example: 'gnatsd_varz_connections',
  },
  surveyor: {
    shown: 'Surveyor',
    metrics: /\b(nats_core_\w+)/,
    example: 'nats_core_connection_count',
  },
};

/** Dashboards of grafana.com that people import by number. */
const IMPORTED: Readonly<Record<string, Collector>> = { '2279': 'exporter' };

/** A12: two collectors, two vocabularies. */
export const a12MetricsOfAnotherCollector = defineRule({
  id: 'A12',
  title: 'dashboard for another collector',
  severity: 'warning',
  meaning: 'A dashboard asks for metrics of one collector, and another one is running.',
  cause:
    'The Prometheus exporter reads the monitoring port and names its metrics gnatsd_… and jetstream_…; Surveyor asks over NATS and names them nats_core_…. A dashboard that was made for one shows "No data" in every panel beside the other. Number 2279 of grafana.com is made for the exporter.',
  fix: 'Run the collector that the dashboard was made for, or import a dashboard that was made for yours (Surveyor has its own in its repository).',
  symptoms: ['No data'],
  *static(facts) {
    const running = runningCollectors(facts);
    if (running.size === 0) return;
    for (const yaml of facts.manifests) yield* look(yaml, running);
  },
});

function* look(yaml: YamlText, running: ReadonlySet<Collector>): Iterable<Report> {
  if (!isMap(yaml.value)) return;
  const { value } = yaml;
  if (isDashboard(value)) {
    for (const [collector, { metrics, shown }] of Object.entries(NAMES) as [
      Collector,
      (typeof NAMES)['exporter'],
    ][]) {
      if (running.has(collector)) continue;
      for (const { text, path } of textsWithin(value)) {
        const metric = isQuery(path) ? metrics.exec(text)?.[1] : undefined;
        if (metric === undefined) continue;
        const other = NAMES[[...running][0]!];
        yield {
          place: yaml.place(path),
          cause: `The dashboard asks for ${metric}, which ${shown} has, and ${other.shown} is what runs (${other.example}).`,
          fix: `Run ${shown} as well, or take a dashboard made for ${other.shown}.`,
        };
        // One is enough: all panels of it are alike.
        break;
      }
    }
  }
  for (const { path, id } of imports(value)) {
    const collector = IMPORTED[id];
    if (collector === undefined || running.has(collector)) continue;
    yield {
      place: yaml.place(path),
      cause: `Dashboard ${id} is made for ${NAMES[collector].shown}, and ${NAMES[[...running][0]!].shown} is what runs.`,
      fix: `Run ${NAMES[collector].shown} as well, or take a dashboard made for ${NAMES[[...running][0]!].shown}.`,
    };
  }
}

const isQuery = (path: YamlPath): boolean => /^(expr|query|definition)$/.test(String(path.at(-1)));

/** `gnetId: 2279` in the values of Grafana's chart or in its provisioning. */
function* imports(value: unknown, path: YamlPath = []): Iterable<{ path: YamlPath; id: string }> {
  if (typeof value !== 'object' || value === null || path.length > 12) return;
  for (const [key, part] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    // Within a dashboard it only says where that came from.
    if (key === 'gnetId' && path.length > 0 && (typeof part === 'number' || typeof part === 'string'))
      yield { path: at, id: String(part) };
    else yield* imports(part, at);
  }
}
