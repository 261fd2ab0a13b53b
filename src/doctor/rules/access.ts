import type { Rule } from '../rule.ts';
import { a01LogInRefused } from './access/a01-log-in-refused.ts';
import { a03GhostWrite } from './access/a03-ghost-write.ts';
import { a04RoleNotCovered } from './access/a04-role-not-covered.ts';
import { a05AckDenied } from './access/a05-ack-denied.ts';
import { a06InboxPrefix } from './access/a06-inbox-prefix.ts';

/** A: users, permissions, accounts, TLS and monitoring. In the order of their ids. */
export const accessRules: readonly Rule[] = [
  a01LogInRefused,
  a03GhostWrite,
  a04RoleNotCovered,
  a05AckDenied,
  a06InboxPrefix,
];
