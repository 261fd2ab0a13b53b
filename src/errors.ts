import type { Finding } from './doctor/finding.ts';

/**
 * Every error that devenv raises on purpose. `code` is stable and machine-readable, `exit` is the process's exit
 * status, `hint` tells the user what to do next. Anything else that reaches the CLI is a bug of ours (exit 1).
 */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  preflight: 3,
  notReady: 4,
  serviceDied: 5,
  probeFailed: 6,
  findings: 7,
  interrupted: 130,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** code → exit status. One line per cause; the code is what scripts and tests match on. */
export const ERROR_EXITS = {
  USAGE: EXIT.usage,
  CONFIG_INVALID: EXIT.usage,
  CONFIG_NOT_FOUND: EXIT.usage,
  UNKNOWN_SERVICE: EXIT.usage,
  UNKNOWN_PROBE: EXIT.usage,
  ENVIRONMENT_NOT_RUNNING: EXIT.usage,
  OUTPUT_EXISTS: EXIT.usage,
  BUDGET_EXCEEDED: EXIT.usage,
  SUBJECTS_OVERLAP: EXIT.usage,
  TOPOLOGY_CONFLICT: EXIT.usage,
  STATE_FROM_FUTURE: EXIT.preflight,
  STATE_UNREADABLE: EXIT.preflight,
  STATE_UNWRITABLE: EXIT.preflight,
  /** A file was to be edited and is not as it was read. */
  FILE_CHANGED: EXIT.preflight,
  LOCK_TIMEOUT: EXIT.preflight,
  PORT_TAKEN: EXIT.preflight,
  NO_FREE_PORT: EXIT.preflight,
  PLATFORM_UNSUPPORTED: EXIT.preflight,
  DOCKER_ABSENT: EXIT.preflight,
  DOCKER_NOT_PERMITTED: EXIT.preflight,
  DOCKER_TOO_OLD: EXIT.preflight,
  COMPOSE_ABSENT: EXIT.preflight,
  COMPOSE_TOO_OLD: EXIT.preflight,
  COMPOSE_FAILED: EXIT.preflight,
  IMAGE_UNAVAILABLE: EXIT.preflight,
  BUILD_FAILED: EXIT.preflight,
  NATS_SERVER_ABSENT: EXIT.preflight,
  NATS_SERVER_TOO_OLD: EXIT.preflight,
  POSTGRES_ABSENT: EXIT.preflight,
  SUPERVISOR_FAILED: EXIT.internal,
  NOT_READY: EXIT.notReady,
  /** The server was there and refused or failed a request. */
  NATS_FAILED: EXIT.notReady,
  POSTGRES_FAILED: EXIT.notReady,
  SERVICE_DIED: EXIT.serviceDied,
  MIGRATION_FAILED: EXIT.serviceDied,
  PROBE_FAILED: EXIT.probeFailed,
  /** The doctor found errors. */
  FINDINGS: EXIT.findings,
  INTERRUPTED: EXIT.interrupted,
} as const satisfies Record<string, ExitStatus>;

export type ErrorCode = keyof typeof ERROR_EXITS;

export interface ErrorDetails {
  /** What the user can do about it, one or more full sentences. */
  hint?: string;
  cause?: unknown;
  /** Extra lines printed under the message as they are: a budget table, the last log lines, one line per problem. */
  details?: readonly string[];
  /** Of FINDINGS from `up`: what the doctor found, errors only. */
  findings?: readonly Finding[];
}

/** The shape that events and `--json` carry. */
export interface ErrorShape {
  code: ErrorCode | 'INTERNAL';
  message: string;
  hint?: string;
  details?: readonly string[];
  findings?: readonly Finding[];
}

export class DevenvError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  /** With the code FINDINGS, when `up` was refused: each error with its rule, place, cause and fix. Else empty. */
  readonly findings: readonly Finding[];

  constructor(
    code: ErrorCode,
    message: string,
    { hint, cause, details = [], findings = [] }: ErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DevenvError';
    this.code = code;
    this.hint = hint;
    this.details = details;
    this.findings = findings;
  }

  get exit(): ExitStatus {
    return ERROR_EXITS[this.code];
  }
}

/** Any thrown value as the shape that is printed; never carries a stack. */
export function describeError(error: unknown): ErrorShape {
  if (error instanceof DevenvError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.details.length === 0 ? {} : { details: error.details }),
      ...(error.findings.length === 0 ? {} : { findings: error.findings }),
    };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

export const exitStatusOf = (error: unknown): ExitStatus =>
  error instanceof DevenvError ? error.exit : EXIT.internal;
