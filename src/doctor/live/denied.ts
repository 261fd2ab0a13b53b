import type { LiveFacts } from '../facts.ts';
import type { Place, Report } from '../finding.ts';
import { counted, object } from './readings.ts';
import { type Violation, violations } from './server-log.ts';

/** Where the replies of a client come to: the usual prefix, or one that a declared program has. */
const isInbox = ({ deployment: { topology } }: LiveFacts, subject: string): boolean => {
  const roles = [...topology.services, ...topology.accounts.flatMap(({ users }) => users)];
  return ['_INBOX', ...roles.map(({ inboxPrefix }) => inboxPrefix)].some((prefix) =>
    subject.startsWith(`${prefix}.`),
  );
};

/** Subscriptions to inboxes that servers refused: A02 as the log tells it. */
export function* deniedInboxes(facts: LiveFacts): Iterable<Report> {
  const denied = violations(facts).filter(
    ({ deed, subject }) => deed === 'subscribe' && isInbox(facts, subject),
  );
  for (const [user, group] of byUser(denied)) {
    const last = group.at(-1)!;
    const prefix = last.subject.slice(0, last.subject.indexOf('.'));
    yield {
      place: placeOf(last),
      cause: `${last.server} refused ${counted(group.length, 'subscription')} of ${user || 'a client'} to its inbox, ${last.subject}, last at ${last.at}: none of its requests gets an answer, and what it publishes into streams is stored all the same.`,
      fix: `Allow it to subscribe to "${prefix}.>"; users that devenv makes from roles may.`,
      symptom: `Permissions Violation for Subscription to "${last.subject}"`,
    };
  }
}

/** Everything else that servers refused, but acks (A05): A04 as the log tells it. */
export function* deniedSubjects(facts: LiveFacts): Iterable<Report> {
  const denied = violations(facts).filter(({ deed, subject }) =>
    deed === 'publish' ? !subject.startsWith('$JS.ACK.') : !isInbox(facts, subject),
  );
  const groups = new Map<string, Violation[]>();
  for (const violation of denied) {
    const key = JSON.stringify([violation.user, violation.deed, violation.subject]);
    groups.set(key, [...(groups.get(key) ?? []), violation]);
  }
  for (const group of groups.values()) {
    const last = group.at(-1)!;
    const { deed, subject, user, server, at } = last;
    const isPublish = deed === 'publish';
    const role = subject.startsWith('$JS.')
      ? 'Declare what it does with JetStream (`works`, `observes`): its permissions follow from that'
      : `Declare ${subject} under ${isPublish ? 'publishes or requests' : 'subscribes or serves'} of it`;
    yield {
      place: placeOf(last),
      severity: 'warning',
      cause: `${server} refused ${counted(group.length, isPublish ? 'message' : 'subscription')} of ${user || 'a client'} ${isPublish ? 'to' : 'for'} ${subject}, last at ${at}.`,
      fix: `${role}; or correct the subject, if it is not meant.`,
      symptom: `Permissions Violation for ${isPublish ? 'Publish' : 'Subscription'} to "${subject}"`,
    };
  }
}

const placeOf = ({ user, server }: Violation): Place =>
  object(user === '' ? `server ${server}` : `user ${user}`);

function byUser(all: readonly Violation[]): Map<string, Violation[]> {
  const groups = new Map<string, Violation[]>();
  for (const violation of all) groups.set(violation.user, [...(groups.get(violation.user) ?? []), violation]);
  return groups;
}
