import type { Rule } from '../rule.ts';
import { a01LogInRefused } from './access/a01-log-in-refused.ts';
import { a02InboxNotSubscribed } from './access/a02-inbox-not-subscribed.ts';
import { a03GhostWrite } from './access/a03-ghost-write.ts';
import { a04RoleNotCovered } from './access/a04-role-not-covered.ts';
import { a05AckDenied } from './access/a05-ack-denied.ts';
import { a06InboxPrefix } from './access/a06-inbox-prefix.ts';
import { a07AccountWithoutJetstream } from './access/a07-account-without-jetstream.ts';
import { a08CollectorWithoutSystemUser } from './access/a08-collector-without-system-user.ts';
import { a09Plaintext } from './access/a09-plaintext.ts';
import { a10TlsMismatch } from './access/a10-tls-mismatch.ts';
import { a11ScalerWithoutAccount } from './access/a11-scaler-without-account.ts';
import { a12MetricsOfAnotherCollector } from './access/a12-metrics-of-another-collector.ts';
import { a13MonitoringPortClosed } from './access/a13-monitoring-port-closed.ts';

/** A: users, permissions, accounts, TLS and monitoring. In the order of their ids. */
export const accessRules: readonly Rule[] = [
  a01LogInRefused,
  a02InboxNotSubscribed,
  a03GhostWrite,
  a04RoleNotCovered,
  a05AckDenied,
  a06InboxPrefix,
  a07AccountWithoutJetstream,
  a08CollectorWithoutSystemUser,
  a09Plaintext,
  a10TlsMismatch,
  a11ScalerWithoutAccount,
  a12MetricsOfAnotherCollector,
  a13MonitoringPortClosed,
];
