import type { Rule } from '../rule.ts';

/** K: consumers and the programs that work them. In the order of their ids. */
export const consumersRules: readonly Rule[] = [];
