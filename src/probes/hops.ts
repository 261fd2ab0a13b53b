import { bounded, DeadlineError, messageOf } from '../adapters/deadline.ts';
import { DevenvError } from '../errors.ts';
import { formatDuration } from '../topology/durations.ts';
import type { HopReport, ProbeContext, ProbeReport } from './probe.ts';

export type Evidence = Record<string, unknown>;

/** One step of a message on its way. */
export interface Hop {
  /** `POST /ingest/message → 202` */
  name: string;
  withinMs: number;
  /** Service whose last log lines belong to the evidence when this hop breaks. */
  service?: string;
  /** What to look at or do when it breaks and nothing better is known. */
  fix: string;
  /**
   * Passes by returning and breaks by throwing, at the latest at the deadline. What it hands to `see` on the way is
   * the evidence, of a broken hop too.
   */
  run(run: { signal: AbortSignal; see: (evidence: Evidence) => void }): Promise<void>;
}

export interface Route {
  probe: string;
  key: string;
  hops: readonly Hop[];
  /** Looked at after a break: what is wrong with the environment, in one sentence, or undefined. */
  diagnose(signal: AbortSignal): Promise<string | undefined>;
  /** Removes what the probe made. When it fails or takes longer than this, that is told and changes no verdict. */
  cleanUp(signal: AbortSignal): Promise<void>;
  cleanUpWithinMs?: number;
}

const LOG_LINES = 10;
const AFTERWARDS_MS = 1_500;

/** Runs the hops one after the other and stops at the first that breaks; the rest is reported as skipped. */
export async function runHops(route: Route, context: ProbeContext): Promise<ProbeReport> {
  const started = performance.now();
  const reports: HopReport[] = [];
  let broken: { hop: Hop; error: unknown } | undefined;
  let diagnosis: string | undefined;
  try {
    for (const hop of route.hops) {
      const outcome: Outcome = broken === undefined ? await runHop(hop, context) : { report: skipped(hop) };
      if ('error' in outcome) {
        broken = { hop, error: outcome.error };
        diagnosis = await afterwards((signal) => route.diagnose(signal));
      }
      reports.push(outcome.report);
      const { status, ms } = outcome.report;
      context.emit({ type: 'probe-hop', probe: route.probe, hop: hop.name, status, ms });
    }
  } finally {
    await cleanUp(route, context);
  }
  const report = { probe: route.probe, key: route.key, hops: reports, ms: since(started) };
  if (broken === undefined) return { ...report, status: 'passed' };
  const fix = [diagnosis, fixOf(broken.error) ?? broken.hop.fix].filter(Boolean).join(' ');
  return { ...report, status: 'failed', brokenHop: broken.hop.name, fix };
}

type Outcome = { report: HopReport } | { report: HopReport; error: unknown };

async function runHop(hop: Hop, context: ProbeContext): Promise<Outcome> {
  const started = performance.now();
  const evidence: Evidence = {};
  const see = (seen: Evidence) => void Object.assign(evidence, seen);
  try {
    await bounded({ signal: context.signal, timeoutMs: hop.withinMs }, (signal) => hop.run({ signal, see }));
    return { report: { hop: hop.name, status: 'passed', ms: since(started), evidence } };
  } catch (error) {
    // An interrupted probe has found nothing out; one that ran out of its own time has.
    if (context.signal.aborted && !isTimeout(context.signal.reason)) throw context.signal.reason;
    const ms = since(started);
    const lines = await logLines(hop, context);
    return {
      error,
      report: {
        hop: hop.name,
        status: 'failed',
        ms,
        evidence: lines === undefined ? evidence : { ...evidence, log: lines },
        error: sentence(error, hop, evidence),
      },
    };
  }
}

function sentence(error: unknown, hop: Hop, evidence: Evidence): string {
  if (!(error instanceof DeadlineError)) return messageOf(error);
  const seen = Object.keys(evidence).length === 0 ? 'nothing' : JSON.stringify(evidence);
  return `expected "${hop.name}" within ${formatDuration(hop.withinMs)}; last seen: ${seen}`;
}

const skipped = ({ name }: Hop): HopReport => ({ hop: name, status: 'skipped', ms: 0, evidence: {} });

const fixOf = (error: unknown): string | undefined => (error instanceof DevenvError ? error.hint : undefined);

const isTimeout = (reason: unknown): boolean => reason instanceof Error && reason.name === 'TimeoutError';

const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10;

async function logLines({ service }: Hop, context: ProbeContext): Promise<string[] | undefined> {
  if (service === undefined) return undefined;
  const lines = await afterwards(() => context.lastLogs(service, LOG_LINES));
  return lines?.map(({ service: from, at, text }) => `${at} ${from} ${text}`);
}

/** Work after the verdict, under a deadline of its own: an interrupted probe cleans up too. */
async function afterwards<T>(
  work: (signal: AbortSignal) => Promise<T>,
  timeoutMs = AFTERWARDS_MS,
): Promise<T | undefined> {
  const bounds = { signal: new AbortController().signal, timeoutMs };
  return bounded(bounds, work).catch(() => undefined);
}

async function cleanUp(route: Route, { emit }: ProbeContext): Promise<void> {
  const work = async (signal: AbortSignal) => {
    await route.cleanUp(signal);
    return true;
  };
  if ((await afterwards(work, route.cleanUpWithinMs)) === true) return;
  const text = `what probe ${route.probe} sent could not be removed: messages and rows with ${route.key} are left`;
  emit({ type: 'note', level: 'warn', text });
}

/** Asks again until the answer is not undefined; the hop's deadline ends it. */
export async function until<T>(
  signal: AbortSignal,
  ask: () => Promise<T | undefined> | T | undefined,
  everyMs = 4,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
