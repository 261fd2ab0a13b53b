import type { Rule } from '../rule.ts';

/** E: ports, stores, volumes and health checks around the servers. In the order of their ids. */
export const environmentRules: readonly Rule[] = [];
