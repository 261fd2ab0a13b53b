/** What `devenv explain` tells: the shape of `--json`. */
export interface Explanation {
  /** What was asked, without the wrapping of loggers and shells. */
  query: string;
  /** Names and numbers in it: what the causes below are about in this case. */
  names: readonly string[];
  /** Codes of the JetStream API that it is or contains, with the server's own words; cause and fix where no rule is about it. */
  codes: readonly { code: number; text: string; cause?: string; fix?: string }[];
  /** The likeliest first. Empty when only the server's words are known. */
  rules: readonly ExplainedRule[];
}

export interface ExplainedRule {
  id: string;
  title: string;
  severity: 'error' | 'warning' | 'note';
  meaning: string;
  cause: string;
  fix: string;
  symptoms: readonly string[];
  codes: readonly number[];
  versions?: string;
  /** Whether devenv finds it before anything runs, in a running system, or both. */
  found: readonly ('before' | 'running')[];
  /** Why it was chosen: it was asked for by its id or its code, or how the line fits. */
  because: 'id' | 'code' | 'text' | 'words';
}
