import { covers } from '../../../topology/subjects.ts';
import type { Report } from '../../finding.ts';
import { deniedInboxes } from '../../live/denied.ts';
import { type Placed, placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
import type { UserConf } from '../../nats-conf/server-access.ts';
import { defineRule } from '../../rule.ts';

/** What a client subscribes to for all of its replies. */
const REPLIES = '_INBOX.x.*';

/** A02: who asks has to be allowed to hear the answer. */
export const a02InboxNotSubscribed = defineRule({
  id: 'A02',
  title: 'replies that a user may not receive',
  severity: 'error',
  meaning:
    'A user may publish, but may not subscribe to the inbox where replies and acknowledgements arrive.',
  cause:
    'A client subscribes to _INBOX.<its own id>.* once and receives every reply there, among them the acknowledgement of a JetStream publish. A * stands for one word only, so _INBOX.* covers none of it. The publish then fails or times out although the message is stored.',
  fix: 'Allow "_INBOX.>" in subscribe; or give the client an inbox prefix of its own and allow that.',
  symptoms: [
    'Permissions Violation for Subscription to "_INBOX.3zCBqLCzcWwd5CoA4O6Kyz.*"',
    'TIMEOUT: request timed out',
  ],
  matches: [/Permissions Violation for Subscription to "_INBOX/i, /Subscription Violation.*_INBOX/i],
  *static({ confs }) {
    for (const document of confs) for (const user of serverConf(document).users) yield* ofUser(user);
  },
  live: deniedInboxes,
});

function* ofUser({ name, permissions }: UserConf): Iterable<Report> {
  const { subscribe, publish } = permissions ?? {};
  if (subscribe === undefined) return;
  // Whoever may publish nothing gets no replies.
  const mayPublish = publish?.allow === undefined || publish.allow.length > 0;
  const denied = subscribe.deny.find((pattern) => covers(subject(pattern), REPLIES));
  const narrow = subscribe.allow?.filter((pattern) => /^_INBOX(\.|$)/.test(pattern.value)) ?? [];
  if (denied !== undefined && mayPublish)
    yield {
      place: placeOf(denied.span),
      cause: `User ${name.value} may not subscribe to ${denied.value}, so it receives no reply to anything.`,
      fix: 'Leave that out of deny, or deny less.',
      symptom: violation,
    };
  else if (subscribe.allow === undefined || !mayPublish) return;
  else if (subscribe.allow.some((pattern) => covers(subject(pattern), REPLIES))) return;
  else if (narrow.length > 0)
    yield {
      place: placeOf(narrow[0]!.span),
      cause: `User ${name.value} may subscribe to ${narrow[0]!.value}, which covers one word after _INBOX, and clients subscribe to two: _INBOX.<id>.*.`,
      fix: 'Write "_INBOX.>".',
      symptom: violation,
      edits: [
        {
          file: narrow[0]!.span.file,
          start: narrow[0]!.span.start,
          end: narrow[0]!.span.end,
          text: '"_INBOX.>"',
        },
      ],
    };
  // A prefix of its own: whether the client has it too is another rule's question.
  else if (!subscribe.allow.some((pattern) => /inbox|repl(y|ies)/i.test(pattern.value)))
    yield {
      place: placeOf(subscribe.span),
      severity: 'warning',
      cause: `User ${name.value} may publish, but not subscribe to its replies: ${shown(subscribe.allow)} ${subscribe.allow.length === 1 ? 'covers' : 'cover'} no _INBOX.`,
      fix: 'Add "_INBOX.>" unless this user never sends a request and never publishes to a stream.',
      symptom: violation,
    };
}

const violation = 'Permissions Violation for Subscription to "_INBOX.3zCBqLCzcWwd5CoA4O6Kyz.*"';

/** Without the queue group that may follow. */
const subject = ({ value }: Placed<string>): string => value.split(/\s+/)[0]!;

const shown = (patterns: readonly Placed<string>[]): string =>
  patterns.length === 0
    ? 'an empty list'
    : patterns
        .slice(0, 4)
        .map(({ value }) => value)
        .join(', ');
