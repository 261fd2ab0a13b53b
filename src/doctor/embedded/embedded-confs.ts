import type { ConfDocument } from '../nats-conf/document.ts';

/** Configurations that are no files of their own. */
export interface EmbeddedConfs {
  confs: readonly ConfDocument[];
  /** What was not checked, or without knowing what; a sentence each. */
  notes: readonly string[];
}
