import type { Emit, HopStatus } from '../events.ts';
import type { LogLine } from '../runtime/runtime.ts';
import type { NatsAccess } from '../topology/deployment.ts';
import type { Topology } from '../topology/model.ts';
import type { Marks } from './marks.ts';

/** A message-flow check with a unique key that reports hop by hop and stops at the first hop that breaks. */
export interface Probe {
  readonly name: string;
  /** One sentence for `probe --list` and the progress line. */
  readonly summary: string;
  /** Run by `up` and by `probe` without names. */
  readonly isDefault: boolean;
  run(context: ProbeContext): Promise<ProbeReport>;
}

export interface ProbeContext {
  topology: Topology;
  endpoints: Endpoints;
  /** Bounds the whole probe; each hop has a deadline of its own within it. */
  signal: AbortSignal;
  emit: Emit;
  /** The only things a probe may do to services; `restart` uses them. */
  control: { kill(service: string): Promise<void>; ensureRunning(service: string): Promise<void> };
  /** What runs leave while they run; for a later one when they are killed. */
  marks: Pick<Marks, 'write' | 'erase'>;
  /** Last lines of a service, for the evidence of a broken hop. */
  lastLogs(service: string, lines: number): Promise<readonly LogLine[]>;
}

/** How the host reaches the environment. It holds credentials: never put them into evidence. */
export interface Endpoints {
  /** As devenv's own user of the account that the shipped pipeline works in. */
  nats: NatsAccess;
  natsMonitorUrl: string;
  databaseUrl: string;
  /** HTTP base URL of each service that has a port, by service name: `http://127.0.0.1:8080`. */
  services: Readonly<Record<string, string>>;
}

export interface HopReport {
  /** `POST /ingest/message → 202`, `stream MESSAGES holds seq 42` */
  hop: string;
  status: HopStatus;
  ms: number;
  /** Sequence, rows, last log lines: what was seen, JSON-safe, without secrets. */
  evidence: Readonly<Record<string, unknown>>;
  /** Present when failed: what was expected, what was seen, in one sentence. */
  error?: string;
}

export interface ProbeReport {
  probe: string;
  status: HopStatus;
  ms: number;
  /** The unique key that this run used. */
  key: string;
  hops: readonly HopReport[];
  brokenHop?: string;
  /** What a probe that passed has measured, in one sentence: how long a recovery took. */
  measured?: string;
  /** What to look at or do about the broken hop. */
  fix?: string;
}
