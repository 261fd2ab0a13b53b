import type { Rule } from '../rule.ts';

/** S: streams, subjects and who publishes them. In the order of their ids. */
export const streamsRules: readonly Rule[] = [];
