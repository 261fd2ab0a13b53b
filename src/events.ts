import type { ErrorShape } from './errors.ts';

/**
 * What happens, told as data. The engine, the runtimes and the probes emit these; `ui/` renders them (a listr2 tree,
 * plain lines, NDJSON) and decides nothing. No event ever carries a secret.
 */
export type DevenvEvent =
  /** A sentence for the user that belongs to no step: which runtime was taken, which port moved and who holds it. */
  | { type: 'note'; level: 'info' | 'warn'; text: string }
  | { type: 'plan'; steps: readonly PlannedStep[] }
  | { type: 'step-started'; id: string; title: string; cause: string }
  /** `done`/`total` are in `unit` when known: bytes of a download, layers of an image. */
  | {
      type: 'step-progress';
      id: string;
      text: string;
      done?: number;
      total?: number;
      unit?: 'bytes' | 'items';
    }
  | { type: 'step-done'; id: string; ms: number; detail?: string }
  | { type: 'step-skipped'; id: string; title: string; reason: string }
  | { type: 'step-failed'; id: string; ms: number; error: ErrorShape }
  | {
      type: 'service-exited';
      service: string;
      code: number | null;
      signal: string | null;
      willRestart: boolean;
    }
  | { type: 'probe-started'; probe: string; summary: string }
  | { type: 'probe-hop'; probe: string; hop: string; status: HopStatus; ms: number }
  | { type: 'probe-done'; probe: string; status: HopStatus; ms: number; brokenHop?: string };

export type HopStatus = 'passed' | 'failed' | 'skipped';

export interface PlannedStep {
  id: string;
  title: string;
  /** Why the step is there, as text: `no data directory`, `container exited (137)`. */
  cause: string;
  dependsOn: readonly string[];
}

export type Emit = (event: DevenvEvent) => void;
