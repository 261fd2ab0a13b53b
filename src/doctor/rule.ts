import type { LiveFacts, MachineFacts, PublishedFacts, StaticFacts } from './facts.ts';
import type { Report, Severity } from './finding.ts';

/**
 * One failure that devenv diagnoses. The value is everything there is to know of it: the checks, `devenv explain` and
 * the page in docs/rules are made from it. Checks are pure and never throw: facts that could not be had are facts too.
 */
export interface Rule {
  /** `C01`; stable once published. */
  id: string;
  /** A few words: `unknown field in nats.conf`. */
  title: string;
  severity: Severity;
  /** What it means, in one sentence. */
  meaning: string;
  /** Why it happens: a short paragraph. */
  cause: string;
  /** What to do about it: a short paragraph. */
  fix: string;
  /** Texts that a user sees, as servers, clients and tools print them; the first is the usual one. */
  symptoms: readonly string[];
  /** Error codes of the JetStream API that it explains. */
  codes?: readonly number[];
  /** What a pasted line has to match to be explained by this rule, beside containing a symptom. */
  matches?: readonly RegExp[];
  /** Versions of nats-server that behave so, where that differs: `2.10 and later`. */
  versions?: string;
  /** From files and the declared topology, before anything runs. */
  static?(facts: StaticFacts): Iterable<Report>;
  /** From a running system. */
  live?(facts: LiveFacts): Iterable<Report>;
  /** From this machine, while nothing of the environment runs. */
  machine?(facts: MachineFacts): Iterable<Report>;
  /** From this machine, about what somebody's Compose files want of it. */
  published?(facts: PublishedFacts): Iterable<Report>;
}

/** Keeps a rule's own type while it is checked against `Rule`. */
export const defineRule = <R extends Rule>(rule: R): R => rule;
