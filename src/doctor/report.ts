import type { Finding } from './finding.ts';

/** What `devenv doctor` tells: the shape of `--json`. */
export interface DoctorReport {
  /** By place. */
  findings: readonly Finding[];
  summary: Summary;
  checked: {
    /** As printed in places. */
    files: readonly string[];
    /** How many rules were asked. */
    rules: number;
    /** Whether a running environment was looked at. */
    live: boolean;
    /** Whether this machine was looked at: while nothing of the environment runs, or for what Compose files publish. */
    machine: boolean;
    /** Of nats-server, and where it was learnt. */
    natsVersion: string;
    natsVersionFrom: string;
    /** Rules that `doctor.ignore` silences. */
    ignored: readonly string[];
  };
}

export interface Summary {
  errors: number;
  warnings: number;
  notes: number;
}

export const summaryOf = (findings: readonly Finding[]): Summary => {
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  return { errors: count('error'), warnings: count('warning'), notes: count('note') };
};
