export type Severity = 'error' | 'warning' | 'note';

/** Where something is wrong: in a file (lines and columns count from 1), or in something that runs. */
export type Place =
  | { kind: 'file'; file: string; line: number; column: number }
  /** `stream MESSAGES`, `server nats-2`, `user api`, `port 4222`, `environment variable NATS_PASS` */
  | { kind: 'object'; object: string };

/** One replacement in a file, by offsets in UTF-16 units of its text. */
export interface Edit {
  file: string;
  start: number;
  end: number;
  text: string;
}

/** What a rule says about one place. */
export interface Report {
  place: Place;
  /** One sentence with the names and the numbers of this case. */
  cause: string;
  /** What to change, one or more sentences, with the value to write where there is one. */
  fix: string;
  /** The text that the user would have seen, with the names of this case. Default: the rule's first symptom. */
  symptom?: string;
  /** Default: the rule's. */
  severity?: Severity;
  /** Present when the fix is mechanical; applied by `--fix`, all or none of one finding. */
  edits?: readonly Edit[];
}

/** A report together with the rule it comes from: what `devenv doctor` prints and `--json` carries. */
export interface Finding {
  rule: string;
  title: string;
  severity: Severity;
  place: Place;
  cause: string;
  symptom: string;
  fix: string;
  edits?: readonly Edit[];
}
