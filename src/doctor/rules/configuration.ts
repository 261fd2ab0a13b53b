import type { Rule } from '../rule.ts';

/** C: what nats-server makes of its configuration file, and whether it starts. In the order of their ids. */
export const configurationRules: readonly Rule[] = [];
