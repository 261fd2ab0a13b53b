import { diagnose } from './diagnosis.ts';
import { type Evidence, type Hop, runHops } from './hops.ts';
import { type Journey, journey } from './pipeline-hops.ts';
import type { Probe, ProbeContext, ProbeReport } from './probe.ts';
import { Run } from './run.ts';
import { findTarget, type Target } from './target.ts';

export interface PipelineProbe {
  name: string;
  /** Needs a second Postgres session. */
  holds?: boolean;
  /** How long removing what was sent may take: after a kill, servers have to be elected first. */
  cleanUpWithinMs?: number;
  /** Why this target cannot be probed so, or undefined. */
  unfit?(target: Target): string | undefined;
  hops(trip: Journey, context: ProbeContext): readonly Hop[];
  /** What it has measured, from the evidence of all hops; asked when it passed. */
  measured?(evidence: Evidence): string;
}

/** A probe of the shipped pipeline: skipped where that is not declared, else hop by hop, cleaned up in any case. */
export function pipelineProbe({
  name,
  holds = false,
  cleanUpWithinMs,
  unfit,
  hops,
  measured,
}: PipelineProbe): Pick<Probe, 'run'> {
  return {
    async run(context) {
      const target = findTarget(context);
      if ('skip' in target) return skippedReport(name, target.skip);
      const reason = unfit?.(target);
      if (reason !== undefined) return skippedReport(name, reason);
      const run = new Run(name, target, context);
      run.warmUp({ hold: holds });
      try {
        const report = await runHops(
          {
            probe: name,
            key: run.key,
            hops: hops(journey(run), context),
            diagnose: (signal) => diagnose(target, context, signal),
            cleanUp: (signal) => run.cleanUp(signal),
            ...(cleanUpWithinMs !== undefined && { cleanUpWithinMs }),
          },
          context,
        );
        if (report.status !== 'passed' || measured === undefined) return report;
        const evidence = Object.assign({}, ...report.hops.map((hop) => hop.evidence));
        return { ...report, measured: measured(evidence) };
      } finally {
        run.cut();
      }
    },
  };
}

const skippedReport = (probe: string, reason: string): ProbeReport => ({
  probe,
  status: 'skipped',
  ms: 0,
  key: '',
  hops: [{ hop: 'something to probe', status: 'skipped', ms: 0, evidence: { reason } }],
  fix: reason,
});
