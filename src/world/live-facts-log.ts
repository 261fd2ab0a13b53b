import { type Bounds, bounded } from '../adapters/deadline.ts';
import type { LiveFacts } from '../doctor/facts.ts';
import type { LogLine, ObservedService, Runtime } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';

/** Of each service, from the end. */
const LINES_OF_EACH = 1_000;
const LONGEST_LINE = 2_000;
/** Of all of them: many services, or a runtime that does not keep to what it was asked. */
const MOST_LINES = 50_000;
/** What does not run now has ended for a reason that stands in its last lines; older ones are about another day. */
const ENDED_WITHIN_MS = 10 * 60_000;

/**
 * What every service and server wrote since it was last started, so that what was wrong in an earlier run, and has been
 * put right, is not found again. What cannot be read, or not in time, is left out.
 */
export async function recentLog(
  runtime: Runtime,
  { environment }: Deployment,
  observed: readonly ObservedService[],
  { signal, timeoutMs }: Bounds,
): Promise<LiveFacts['log']> {
  const lines: LogLine[] = [];
  try {
    await bounded({ signal, timeoutMs }, async (inner) => {
      const query = { services: [], follow: false, tail: LINES_OF_EACH };
      for await (const line of runtime.logs(environment, query, inner)) {
        lines.push({ ...line, text: line.text.slice(0, LONGEST_LINE) });
        if (lines.length >= MOST_LINES) break;
      }
    });
  } catch {
    signal.throwIfAborted();
  }
  const since = new Map(observed.map(({ service, startedAt }) => [service, startedAt]));
  const lately = new Date(Date.now() - ENDED_WITHIN_MS).toISOString();
  return lines
    .filter(({ service, at, remark }) => remark !== true && at >= (since.get(service) ?? lately))
    .map(({ service, at, text }) => ({ service, at, text }));
}
