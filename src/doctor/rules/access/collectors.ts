import { mapAt } from '../../compose/yaml-parts.ts';
import type { StaticFacts } from '../../facts.ts';
import { containers } from '../../kubernetes/containers.ts';
import { natsChartValues } from '../../kubernetes/helm-values.ts';

export const runsSurveyor = (image: string): boolean => /(^|\/)nats-surveyor([:@]|$)/.test(image);

export const runsExporter = (image: string): boolean => /(^|\/)prometheus-nats-exporter([:@]|$)/.test(image);

/** What turns the state of the servers into metrics, and by which names. */
export type Collector = 'surveyor' | 'exporter';

/** The collectors that the files start. */
export function runningCollectors(facts: StaticFacts): ReadonlySet<Collector> {
  const images = [
    ...containers(facts).map(({ image }) => image),
    ...(facts.project?.topology.services ?? []).flatMap(({ source }) =>
      source.kind === 'image' ? [source.image] : [],
    ),
  ];
  const inChart = facts.manifests.some(
    ({ value }) => mapAt(natsChartValues(value)?.values, 'promExporter')?.enabled === true,
  );
  return new Set<Collector>([
    ...(images.some(runsSurveyor) ? (['surveyor'] as const) : []),
    ...(inChart || images.some(runsExporter) ? (['exporter'] as const) : []),
  ]);
}
