import type { Finding } from './finding.ts';
import type { FileChange } from './fix.ts';
import type { DoctorReport } from './report.ts';

/** The doctor as commands and the library see it. Wired in doctor-composition.ts. */
export interface Doctor {
  /** Throws what the configuration throws, USAGE for files that cannot be read, ENVIRONMENT_NOT_RUNNING with `live: 'only'`. */
  examine(request: Partial<ExamineRequest>, call: { signal: AbortSignal }): Promise<Examination>;
  /** Replaces files, each whole and all or none as far as can be known before; FILE_CHANGED when one is not as it was read. */
  write(changes: readonly FileChange[], examination: Examination): Promise<void>;
}

/** Default: the project with every rule, and its environment when it runs. */
export interface ExamineRequest {
  /** Paths of files that belong to no devenv.yaml, `-` for standard input. None of any kind = the project. */
  confs: readonly string[];
  composes: readonly string[];
  manifests: readonly string[];
  /** What `-` stands for. */
  stdin?: string;
  /** Three numbers with dots. */
  natsVersion?: string | undefined;
  /** Ids; empty = the whole catalogue. */
  rules: readonly string[];
  /** Whether files and the declaration are looked at. */
  static: boolean;
  /** Whether a running environment is looked at; `when-running` says nothing when there is none. */
  live: 'no' | 'when-running' | 'only';
}

export interface Examination {
  report: DoctorReport;
  /** Name as printed → what was read, for quoting; with a path what may be edited as well. */
  files: ReadonlyMap<string, { path: string | null; text: string }>;
  /** Sentences about the examination itself. */
  notes: readonly string[];
  /** What the streams reserve, as a table; only when a finding is about it. */
  budget: readonly string[];
}

/** Rules whose findings are arithmetic that the budget table shows. */
const ABOUT_RESERVATIONS: ReadonlySet<string> = new Set(['R01', 'R02', 'R03', 'R06', 'C21']);

export const isAboutReservations = (findings: readonly Finding[]): boolean =>
  findings.some(({ rule, severity }) => severity !== 'note' && ABOUT_RESERVATIONS.has(rule));
