import type { Rule } from '../rule.ts';
import { a03GhostWrite } from './access/a03-ghost-write.ts';
import { a04RoleNotCovered } from './access/a04-role-not-covered.ts';
import { a06InboxPrefix } from './access/a06-inbox-prefix.ts';

/** A: users, permissions, accounts, TLS and monitoring. In the order of their ids. */
export const accessRules: readonly Rule[] = [a03GhostWrite, a04RoleNotCovered, a06InboxPrefix];
