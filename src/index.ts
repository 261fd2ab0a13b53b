/** devenv as a library. Every export is named here; nothing else is public. */
import { openProject } from './composition.ts';
import type { Explanation } from './doctor/explanation.ts';
import type { Finding } from './doctor/finding.ts';
import { openDoctor } from './doctor-composition.ts';
import type { Engine, ServiceRow, UpResult } from './engine/engine.ts';
import { DevenvError } from './errors.ts';
import type { Emit } from './events.ts';
import type { ProbeReport } from './probes/probe.ts';
import type { RuntimeKind } from './topology/model.ts';

export { type OpenedProject, type OpenProjectOptions, openProject } from './composition.ts';
export type { Doctor, Examination, ExamineRequest } from './doctor/doctor.ts';
export type { ExplainedRule, Explanation } from './doctor/explanation.ts';
export type { Edit, Finding, Place, Severity } from './doctor/finding.ts';
export type { DoctorReport } from './doctor/report.ts';
export { type OpenDoctorOptions, openDoctor } from './doctor-composition.ts';
export type {
  AuthReport,
  AuthTrial,
  AuthUser,
  Call,
  DownResult,
  Engine,
  RotateResult,
  ServiceRow,
  StatusReport,
  UpOptions,
  UpResult,
} from './engine/engine.ts';
export { DevenvError, type ErrorCode, EXIT } from './errors.ts';
export type { DevenvEvent, Emit } from './events.ts';
export type { HopReport, ProbeReport } from './probes/probe.ts';
export type { LogLine, LogQuery } from './runtime/runtime.ts';
export type { Topology } from './topology/model.ts';

/** Cause and fix for a rule id, an error code of JetStream or an error line; undefined when nothing is known about it. */
export async function explain(asked: string): Promise<Explanation | undefined> {
  // The catalogue is loaded by those who ask: most who import devenv want an environment.
  return (await import('./doctor/explain.ts')).explain(asked);
}

export interface CheckOptions {
  /** Look at the environment of the project, too, when it runs. Default: false, the files alone. */
  live?: boolean;
  /** The nats-server that the files are for, as three numbers with dots. Default: what the files name. */
  natsVersion?: string;
  signal?: AbortSignal;
  /** For `$NAME` in a nats.conf and `${NAME}` in a Compose file. Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
}

/**
 * What is wrong in a project, as `devenv doctor` finds it: of its devenv.yaml, looked for from this folder upwards, and
 * the files that it names; without one, of the nats.conf and the Compose file in the folder. Empty = nothing is. For
 * single files and for fixing them there is `openDoctor`. Throws a DevenvError (CONFIG_INVALID) for a devenv.yaml that cannot be
 * read.
 */
export async function checkProject(
  directory: string = process.cwd(),
  options: CheckOptions = {},
): Promise<readonly Finding[]> {
  const { live = false, natsVersion, env = process.env } = options;
  const doctor = await openDoctor({ cwd: directory, env });
  const { report } = await doctor.examine(
    { live: live ? 'when-running' : 'no', natsVersion },
    { signal: options.signal ?? new AbortController().signal },
  );
  return report.findings;
}

export interface StartOptions {
  /** Where devenv.yaml is looked for, from here upwards. Default: the current folder. */
  cwd?: string;
  /** Name of the environment: give each test run one of its own to have them side by side. */
  name?: string;
  runtime?: 'auto' | RuntimeKind;
  /** Whether the default probes run. Default: false, for a test suite proves the flow by itself. */
  probe?: boolean;
  /** For each service to become ready, in milliseconds. Default: 60,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
  emit?: Emit;
  /** Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
}

/** A running environment; `await using` takes it down at the end of the block. */
export interface StartedEnvironment extends AsyncDisposable {
  readonly engine: Engine;
  /** `NATS_URL`, `DATABASE_URL`, `INGESTION_API_URL`, … as `devenv env` prints them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly services: readonly ServiceRow[];
  readonly probes: readonly ProbeReport[];
  /** Stops it and, unless told otherwise, removes its data. Safe to call twice. */
  stop(options?: { keepData?: boolean }): Promise<void>;
}

/**
 * Brings an environment up for a test suite. Throws a DevenvError (PROBE_FAILED when `probe` is asked for and a hop
 * breaks; everything is taken down again then).
 */
export async function startEnvironment(options: StartOptions = {}): Promise<StartedEnvironment> {
  const { cwd = process.cwd(), env = process.env, emit = () => undefined, timeoutMs = 60_000 } = options;
  const { name, runtime = 'auto', probe = false } = options;
  const { engine } = await openProject({ cwd, env, emit, name, ...(options.runtime && { runtime }) });
  const call = () => ({ emit, signal: options.signal ?? new AbortController().signal });
  const stop = async ({ keepData = false } = {}) => {
    // A signal that has fired must not keep us from cleaning up.
    await engine.down({ volumes: !keepData }, { emit, signal: new AbortController().signal });
  };
  const upOptions = { runtime, probe, timeoutMs, dryRun: false, strictPorts: false, keep: false };
  const result = await engine.up(upOptions, call());
  const broken = firstBroken(result);
  if (broken !== undefined) {
    await stop();
    throw new DevenvError(
      'PROBE_FAILED',
      `probe ${broken.probe} broke at: ${broken.brokenHop ?? 'unknown'}`,
      {
        ...(broken.fix === undefined ? {} : { hint: broken.fix }),
      },
    );
  }
  const variables = await engine.variables(call());
  const { services, probes } = result;
  return { engine, variables, services, probes, stop, [Symbol.asyncDispose]: () => stop() };
}

const firstBroken = ({ probes }: UpResult): ProbeReport | undefined =>
  probes.find(({ status }) => status === 'failed');
