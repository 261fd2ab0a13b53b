/** What devenv asks an operating system about processes; one implementation per platform. */
export interface ProcessTable {
  /** `gone`: no such process, or a zombie, which holds nothing any more. `hidden`: it may exist, but we may not look. */
  look(pid: number): Promise<ProcessIdentity | 'gone' | 'hidden'>;
  /** pid → parent pid, of every process that can be seen. */
  parents(): Promise<ReadonlyMap<number, number>>;
  /** Who listens on a TCP port, on whatever address. */
  listeners(port: number): Promise<readonly Listener[]>;
}

/** A pid alone names whoever has it now; with its start time it names one process for ever. JSON-safe. */
export interface ProcessRef {
  pid: number;
  /** Opaque; compare only for equality, and only with values from this machine. */
  startedAt: string;
}

export interface ProcessIdentity extends ProcessRef {
  /** Command line on one line, without control characters. May hold other programs' secrets: never log it unasked. */
  command: string;
}

export interface Listener {
  /** null when the process belongs to another user and cannot be looked up. */
  pid: number | null;
  /** Command line; `a process of user 1000` when it cannot be looked up. */
  command: string;
  /** Working folder, where it may be read. */
  cwd?: string;
}

/** Another program's command line goes to a terminal: no escapes, no newlines, no screenfuls. */
export function printableCommand(command: string): string {
  const line = command
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
