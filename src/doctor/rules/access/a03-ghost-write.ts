import { intersects } from '../../../topology/subjects.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import type { UserConf } from '../../nats-conf/server-access.ts';
import { defineRule } from '../../rule.ts';
import { allowsAll, hasJetStream, inboxPatterns, repliesWith, subjectOf } from './conf-permissions.ts';

export const a03GhostWrite = defineRule({
  id: 'A03',
  title: 'a publish that fails and is stored all the same',
  severity: 'warning',
  meaning:
    'A user may publish into a stream and may not hear the answer: the client sees an error, the stream has the message.',
  cause:
    'The stream stores the message and answers on the inbox of the client. A user without the right to subscribe to it ' +
    'gets a permission error or a timeout instead of the answer, and most programs publish again: the message is there ' +
    'twice, or as often as it was tried.',
  fix:
    'Allow "_INBOX.>" (or the inbox prefix of the client) in subscribe. Give every message an id (Nats-Msg-Id): within ' +
    'the duplicate window of the stream the second attempt stores nothing.',
  symptoms: [
    'Permissions Violation for Subscription to "_INBOX.',
    'a publish fails, and the message is in the stream',
    'TimeoutError: timeout',
  ],
  *static(facts) {
    for (const document of facts.confs) {
      const conf = serverConf(document);
      for (const user of conf.users) yield* ghostWrites(facts, conf, user);
    }
  },
});

function* ghostWrites(facts: StaticFacts, conf: ServerConf, user: UserConf): Iterable<Report> {
  const { subscribe, publish } = user.permissions ?? {};
  if (subscribe === undefined || allowsAll(subscribe, repliesWith('_INBOX'))) return;
  // A prefix of its own, if the client knows it, brings the answers.
  if (inboxPatterns(user).some((pattern) => !/^_INBOX\b/.test(pattern.value))) return;
  if (!hasJetStream(facts, conf, user)) return;
  const own = publish?.allow?.filter((pattern) => !subjectOf(pattern).startsWith('$')) ?? [];
  if (publish?.allow !== undefined && own.length === 0) return;
  const streams = (facts.project?.topology.streams ?? []).filter(({ subjects }) =>
    subjects.some((subject) => own.some((pattern) => intersects(subject, subjectOf(pattern)))),
  );
  const into =
    streams.length === 0
      ? 'a stream that captures it'
      : `${streams
          .slice(0, 3)
          .map(({ name }) => name)
          .join(', ')}`;
  const what = own[0]?.value ?? 'everything';
  yield {
    place: placeOf(own[0]?.span ?? publish?.span ?? user.name.span),
    ...(streams.length > 0 && { severity: 'error' as const }),
    cause: `User ${user.name.value} may publish to ${what} and may not subscribe to its inbox: what it publishes into ${into} is stored, and the client sees an error.`,
    fix: 'Allow "_INBOX.>" in subscribe of this user, and publish with message ids.',
  };
}
