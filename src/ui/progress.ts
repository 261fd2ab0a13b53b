import type { Emit } from '../events.ts';
import type { Style } from './style.ts';

/** A display of events; progress-modes.ts knows which there are. */
export interface Progress {
  emit: Emit;
  /** Ends the display and gives the terminal back; what is emitted later is printed as plain lines. */
  end(): Promise<void>;
  /** The same at once, for a process that is about to exit. */
  abandon(): void;
}

export interface ProgressOptions {
  stderr: ProgressStream;
  style: Style;
  /** Wall clock in milliseconds. */
  now: () => number;
  verbose: boolean;
}

/** What is needed of process.stderr. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
}
