import type { Rule } from '../rule.ts';

/** A: users, permissions, accounts, TLS and monitoring. In the order of their ids. */
export const accessRules: readonly Rule[] = [];
