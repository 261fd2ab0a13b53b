import type { Style } from './style.ts';

/** How a result is drawn. */
export interface ReportOptions {
  style: Style;
  /** Of the terminal; Infinity where the output is no terminal. */
  width: number;
  /** How the user calls another verb for the same environment: `env` → `npx devenv env --name ci`; or in a folder. */
  invocation: (verb: string, folder?: string) => string;
}
