import type { ObservedService, ServiceExit } from '../runtime.ts';

/**
 * What the command and the supervisor say to each other over the control socket: one JSON object per line. A request
 * carries an `id` that its answer repeats; `exits` goes on answering until the connection ends.
 */
export const PROTOCOL = 1;

/** A service with everything resolved: what the supervisor needs to run it, and nothing more. */
export interface LaunchDefinition {
  service: string;
  program: string;
  args: readonly string[];
  /** The complete environment of the process. Holds secrets: never written to a file, never logged. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  uid?: number;
  gid?: number;
  stopSignal: NodeJS.Signals;
  /** Milliseconds between the stop signal and SIGKILL. */
  graceMs: number;
  /** Stopped first (`user`), or when those are gone (`server`), so that draining services still reach the servers. */
  tier: 'server' | 'user';
  logFile: string;
  hash: string;
  /** port name → port of 127.0.0.1 */
  ports: Readonly<Record<string, number>>;
  /** A line of its log that says that all its ports are bound; absent = being started is all that is waited for. */
  listening?: string;
}

export type SupervisorRequest =
  | { op: 'status' }
  /** Creates and starts, replacing what runs under the same names. Answers `StartResult[]`. */
  | { op: 'start'; definitions: readonly LaunchDefinition[] }
  /** Stops and starts again with the definitions at hand. Answers `StartResult[]`. */
  | { op: 'restart'; services: readonly string[] }
  /** Stops and forgets. */
  | { op: 'stop'; services: readonly string[] }
  /** SIGKILL; what follows is a crash like any other. */
  | { op: 'kill'; service: string }
  /** Every exit at or after `after` (ISO 8601), as `SupervisorExit` lines. */
  | { op: 'exits'; after: string }
  /** Stops everything and ends; answers when the children are gone. */
  | { op: 'shutdown' };

export interface SupervisorStatus {
  protocol: number;
  pid: number;
  environment: string;
  services: readonly ObservedService[];
}

export interface StartResult {
  service: string;
  pid?: number;
  outcome:
    | { kind: 'started' }
    /** `portTaken` is the name of the port when that was the reason. */
    | { kind: 'exited'; code: number | null; signal: string | null; portTaken?: string }
    | { kind: 'not-spawned'; reason: string; portTaken?: string };
}

export interface SupervisorExit extends ServiceExit {
  /** ISO 8601 */
  at: string;
}

export type Frame =
  | { id: number; result: unknown }
  | { id: number; error: string }
  | { id: number; exit: SupervisorExit };

/** Splits a byte stream into JSON lines. `onLine` gets what JSON.parse made of each; a bad line ends the connection. */
export function lineReader(onLine: (value: unknown) => void, limit = 16 << 20): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
      onLine(JSON.parse(line.toString('utf8')));
    }
    if (rest.length > limit) throw new Error(`a line of more than ${limit} bytes`);
  };
}
