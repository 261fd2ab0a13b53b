import type { Rule } from '../rule.ts';

/** R: sizes, limits and reservations. In the order of their ids. */
export const resourcesRules: readonly Rule[] = [];
